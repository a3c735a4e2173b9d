package org.covidmmar.maven;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.covidmmar.AtomicFiles;

/**
 * A report as Surefire writes it, so that CI servers show each gate as a test.
 *
 * @param suite name of the test suite
 * @param tests the gates
 */
record GatesReport(String suite, List<Test> tests) {

  /**
   * A gate as a test.
   *
   * @param name what is expected, such as {@code auc at least 0.9}
   * @param detail what was found
   */
  record Test(String name, boolean passed, String detail) {}

  void write(Path file) {
    AtomicFiles.write(
        file,
        out -> {
          try {
            write(out);
          } catch (XMLStreamException e) {
            throw new java.io.IOException(e);
          }
        });
  }

  private void write(OutputStream out) throws XMLStreamException {
    XMLStreamWriter xml =
        XMLOutputFactory.newInstance().createXMLStreamWriter(out, StandardCharsets.UTF_8.name());
    xml.writeStartDocument(StandardCharsets.UTF_8.name(), "1.0");
    xml.writeCharacters("\n");
    xml.writeStartElement("testsuite");
    xml.writeAttribute("name", suite);
    xml.writeAttribute("time", "0");
    xml.writeAttribute("tests", Integer.toString(tests.size()));
    xml.writeAttribute("errors", "0");
    xml.writeAttribute("skipped", "0");
    xml.writeAttribute(
        "failures", Long.toString(tests.stream().filter(test -> !test.passed()).count()));
    for (Test test : tests) {
      write(test, xml);
    }
    xml.writeCharacters("\n");
    xml.writeEndElement();
    xml.writeEndDocument();
    xml.flush();
  }

  private void write(Test test, XMLStreamWriter xml) throws XMLStreamException {
    xml.writeCharacters("\n  ");
    xml.writeStartElement("testcase");
    xml.writeAttribute("name", test.name());
    xml.writeAttribute("classname", suite);
    xml.writeAttribute("time", "0");
    if (test.passed()) {
      xml.writeStartElement("system-out");
      xml.writeCharacters(test.detail());
    } else {
      xml.writeStartElement("failure");
      xml.writeAttribute("message", test.detail());
      xml.writeAttribute("type", "gate");
    }
    xml.writeEndElement();
    xml.writeEndElement();
  }
}
