package org.covidmmar.io.nifti;

import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A NIfTI file's name, taken apart.
 *
 * @param path as given
 * @param stem the name before its extension
 * @param extension nii, hdr or img, in the case it was written in
 * @param gzip whether .gz follows
 */
record NiftiFiles(Path path, String stem, String extension, boolean gzip) {
  private static final Pattern NAME =
      Pattern.compile("(.*)\\.(nii|hdr|img)(\\.gz)?", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /** Null where the name has none of the extensions. */
  static NiftiFiles of(Path path) {
    Path name = path.getFileName();
    Matcher m = NAME.matcher(name == null ? "" : name.toString());
    return m.matches() ? new NiftiFiles(path, m.group(1), m.group(2), m.group(3) != null) : null;
  }

  boolean is(String lowerCase) {
    return extension.toLowerCase(Locale.ROOT).equals(lowerCase);
  }

  /** The file beside this one that has the same stem. */
  Path beside(String lowerCase, boolean gzipped) {
    boolean upper = Character.isUpperCase(extension.charAt(0));
    String other = lowerCase + (gzipped ? ".gz" : "");
    return path.resolveSibling(stem + "." + (upper ? other.toUpperCase(Locale.ROOT) : other));
  }
}
