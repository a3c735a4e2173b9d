package org.covidmmar.io.dicom;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import org.covidmmar.CovidException;

/** The files of a folder and of those in it that may be DICOM files. */
final class Folder {
  private static final List<String> NEVER = List.of(".nii", ".nii.gz", ".json");

  private Folder() {}

  /**
   * The files, sorted. Links are followed; hidden files and what converters write are left out.
   *
   * @param suffix what names must end with, in any case; empty for any
   * @throws CovidException where there is no such folder, or it can't be read
   */
  static List<Path> files(Path folder, String suffix) {
    if (!Files.isDirectory(folder)) {
      throw new CovidException(
          folder, "there is no such folder", "give the folder that the DICOM files are in");
    }
    List<Path> files = new ArrayList<>();
    try {
      Files.walkFileTree(
          folder,
          EnumSet.of(FileVisitOption.FOLLOW_LINKS),
          Integer.MAX_VALUE,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path visited, BasicFileAttributes attributes) {
              boolean hidden = !visited.equals(folder) && isHidden(visited);
              return hidden ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (attributes.isRegularFile() && !isHidden(file) && isWanted(file, suffix)) {
                files.add(file);
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
              // A circle of links; what it leads to has been seen.
              if (e instanceof java.nio.file.FileSystemLoopException) {
                return FileVisitResult.CONTINUE;
              }
              throw e;
            }
          });
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
    files.sort(null);
    return files;
  }

  /** Names, sizes and times of files. */
  static String describe(Path folder, List<Path> files) {
    StringBuilder text = new StringBuilder();
    try {
      for (Path file : files) {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        text.append(folder.relativize(file)).append(' ').append(attributes.size()).append(' ');
        text.append(attributes.lastModifiedTime().toMillis()).append('\n');
      }
      return text.toString();
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  private static CovidException unreadable(Path folder, IOException e) {
    return new CovidException(
        folder.toString(), "cannot be read: " + e, "make the folder readable", e);
  }

  private static boolean isHidden(Path path) {
    return path.getFileName().toString().startsWith(".");
  }

  private static boolean isWanted(Path file, String suffix) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.endsWith(suffix.toLowerCase(Locale.ROOT))
        && NEVER.stream().noneMatch(name::endsWith);
  }
}
