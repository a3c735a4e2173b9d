package org.covidmmar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class NativeLibrariesTest {
  @Test
  void folderOnANoexecDiskIsNamedWithTheWayOut() {
    CovidException e =
        NativeLibraries.onNoexecDisk(
                new IllegalStateException(
                    new UnsatisfiedLinkError(
                        "/home/u/.djl.ai/libc10.so: /home/u/.djl.ai/libc10.so: failed to map"
                            + " segment from shared object")))
            .orElseThrow();
    assertEquals("/home/u/.djl.ai", e.subject());
    assertTrue(e.remedy().contains("DJL_CACHE_DIR"), e.getMessage());
    assertTrue(e.remedy().contains("-Djava.io.tmpdir"), e.getMessage());
  }

  @Test
  void otherFailuresAreLeft() {
    assertEquals(
        Optional.empty(),
        NativeLibraries.onNoexecDisk(
            new UnsatisfiedLinkError("libx.so: cannot open shared object file")));
    assertEquals(
        Optional.empty(),
        NativeLibraries.onNoexecDisk(new IllegalStateException("Operation not permitted")));
  }
}
