package org.covidmmar.maven;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import org.codehaus.plexus.configuration.PlexusConfiguration;
import org.codehaus.plexus.configuration.xml.XmlPlexusConfiguration;
import org.codehaus.plexus.util.xml.Xpp3DomBuilder;
import org.codehaus.plexus.util.xml.pull.XmlPullParserException;
import org.covidmmar.CovidException;
import org.covidmmar.transform.Flip;
import org.covidmmar.transform.Resize;
import org.covidmmar.transform.ResizeMode;
import org.covidmmar.volume.Shape;
import org.junit.jupiter.api.Test;

class PreTransformsTest {
  @Test
  void stepsInTheirOrderWithDuplicates() {
    Resize resize = new Resize(new Shape(64, 64, 32), ResizeMode.AREA);
    assertEquals(
        List.of(resize, new Flip(List.of(0, 2)), resize, new Flip(List.of(1))),
        read(
            """
            <Resize><shape>64, 64, 32</shape><mode>area</mode></Resize>
            <Flip><axes>0,2</axes></Flip>
            <Resize><shape><x>64</x><y>64</y><z>32</z></shape><mode> area </mode></Resize>
            <Flip><axes>[1]</axes></Flip>
            """));
  }

  @Test
  void everyMistakeIsListedWithItsRemedy() {
    CovidException e =
        assertThrows(
            CovidException.class,
            () ->
                read(
                    """
                    <Resise/>
                    <Flip><axis>0</axis></Flip>
                    <Resize><shape>64,64</shape><mode>area</mode></Resize>
                    """));
    for (String part :
        List.of(
            "3 problems",
            "did you mean Resize?",
            "Flip.axis",
            "did you mean axes?",
            "Resize.shape")) {
      assertTrue(e.getMessage().contains(part), part + " in " + e.getMessage());
    }
  }

  @Test
  void emptyListIsRefused() {
    assertThrows(CovidException.class, () -> read(""));
  }

  private static List<?> read(String steps) {
    return PreTransforms.read(xml("<preTransforms>" + steps + "</preTransforms>"));
  }

  private static PlexusConfiguration xml(String text) {
    try {
      return new XmlPlexusConfiguration(Xpp3DomBuilder.build(new StringReader(text)));
    } catch (IOException | XmlPullParserException e) {
      throw new IllegalStateException(e);
    }
  }
}
