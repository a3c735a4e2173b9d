package org.covidmmar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProcessorTest {
  @Test
  void theFirstCoreIsTold() {
    List<String> lines =
        List.of(
            "processor\t: 0",
            "vendor_id\t: AuthenticAMD",
            "cpu family\t: 25",
            "model\t\t: 1",
            "model name\t: AMD EPYC",
            "flags\t\t: fpu avx2 avx512vl",
            "power management:",
            "",
            "processor\t: 1",
            "vendor_id\t: GenuineIntel",
            "model\t\t: 2",
            "model name\t: another",
            "flags\t\t: sse");
    assertEquals(
        new Processor(
            "AuthenticAMD", "AMD EPYC", "family 25, model 1", Set.of("fpu", "avx2", "avx512vl")),
        Processor.of(lines));
  }

  @Test
  void whatIsNotToldIsEmpty() {
    assertEquals(
        new Processor("", "", "", Set.of()),
        Processor.of(List.of("processor\t: 0", "CPU implementer\t: 0x41", "flags\t\t:")));
  }

  @Test
  void thisOneIsRead() throws IOException {
    Path linux = Path.of("/proc/cpuinfo");
    if (Files.exists(linux)) {
      assertTrue(Files.readString(linux).contains(Processor.here().maker()));
      assertTrue(Files.readString(linux).contains(Processor.here().name()));
    }
  }
}
