package org.covidmmar.maven;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.maven.plugin.descriptor.PluginDescriptor;
import org.apache.maven.plugin.descriptor.PluginDescriptorBuilder;
import org.codehaus.plexus.configuration.PlexusConfigurationException;

/** The plugin's descriptor as the build made it. */
final class Descriptor {
  private Descriptor() {}

  static PluginDescriptor read() {
    Path file = Path.of("target/classes/META-INF/maven/plugin.xml");
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      return new PluginDescriptorBuilder().build(reader);
    } catch (IOException | PlexusConfigurationException e) {
      throw new IllegalStateException(e);
    }
  }
}
