package org.covidmmar.maven;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.maven.plugin.logging.SystemStreamLog;
import org.junit.jupiter.api.Test;

class CoresTest {
  private static final long SECONDS = 60;

  private final Cores cores = new Cores(4, new Semaphore(4));
  private final CountDownLatch waits = new CountDownLatch(1);
  private final SystemStreamLog log =
      new SystemStreamLog() {
        @Override
        public void info(CharSequence content) {
          waits.countDown();
        }
      };

  @Test
  void whatFitsRunsBesideTheOther() {
    cores.with(
        2,
        log,
        () -> {
          cores.with(2, log, () -> assertEquals(0, cores.free().availablePermits()));
          assertEquals(1, waits.getCount());
        });
    assertEquals(4, cores.free().availablePermits());
  }

  @Test
  void whatDoesNotFitSaysThatItWaitsAndRunsWhenTheOtherHasEnded()
      throws InterruptedException, ExecutionException, TimeoutException {
    CompletableFuture<Integer> second = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> cores.with(3, log, () -> second.complete(cores.free().availablePermits())));
    cores.with(
        2,
        log,
        () -> {
          thread.start();
          await();
          assertEquals(2, cores.free().availablePermits());
          assertEquals(false, second.isDone());
        });
    assertEquals(1, second.get(SECONDS, TimeUnit.SECONDS));
  }

  @Test
  void moreThreadsThanCoresTakeAllOfThem() {
    cores.with(64, log, () -> assertEquals(0, cores.free().availablePermits()));
  }

  @Test
  void coresAreGivenBackWhereTheWorkFails() {
    assertThrows(
        IllegalStateException.class,
        () ->
            cores.with(
                1,
                log,
                () -> {
                  throw new IllegalStateException();
                }));
    assertEquals(4, cores.free().availablePermits());
  }

  private void await() {
    try {
      assertTrue(waits.await(SECONDS, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
