package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeLeftTest {
  @Test
  void nothingIsSaidBeforeThereIsSomethingToGoBy() {
    assertEquals(Optional.empty(), new TimeLeft(3).text());
  }

  @Test
  void theMeanOfThoseBeforeTimesThoseLeft() {
    TimeLeft time = new TimeLeft(4);
    time.took(Duration.ofSeconds(10).toNanos());
    assertEquals("about 30 s left", time.text().orElseThrow());
    time.took(Duration.ofSeconds(30).toNanos());
    assertEquals("about 40 s left", time.text().orElseThrow());
    time.took(0);
    time.took(0);
    assertEquals(Optional.empty(), time.text());
  }

  @ParameterizedTest
  @CsvSource({"0, 1 s", "89, 89 s", "90, 2 min", "5399, 90 min", "5400, 2 h", "86400, 24 h"})
  void roundedAsOneWouldSayIt(long seconds, String text) {
    TimeLeft time = new TimeLeft(2);
    time.took(Duration.ofSeconds(seconds).toNanos());
    assertEquals("about " + text + " left", time.text().orElseThrow());
  }
}
