package org.covidmmar.provenance;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What git says of an experiment's folder.
 *
 * @param basedir the experiment's folder
 */
record Checkout(Path basedir) {
  private static final int LARGEST_DIFF = 1 << 20;

  /** The commit and what differs from it; empty where there is no git, checkout or answer. */
  Optional<Provenance.Source> source() {
    return git("rev-parse", "HEAD")
        .map(
            commit ->
                new Provenance.Source(
                    commit.strip(),
                    git("symbolic-ref", "--short", "-q", "HEAD").map(String::strip).orElse(null),
                    git("config", "--get", "remote.origin.url")
                        .map(url -> Secrets.removed(url.strip()).replace("(removed)@", ""))
                        .orElse(null),
                    git("status", "--porcelain", "--", ".")
                        .map(status -> status.lines().toList())
                        .orElse(List.of())));
  }

  /**
   * How the files below the folder that git knows differ from the commit, without secrets. Of
   * binary files it says only that they differ; a text too long for a record is cut.
   */
  Optional<String> diff() {
    return git("diff", "--no-color", "--no-ext-diff", "--no-textconv", "HEAD", "--", ".")
        .filter(text -> !text.isEmpty())
        .map(Secrets::removed)
        .map(
            text ->
                text.length() <= LARGEST_DIFF
                    ? text
                    : text.substring(0, LARGEST_DIFF) + "\n(cut: longer than 1 MB)\n");
  }

  private Optional<String> git(String... arguments) {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    return Command.output(basedir, command);
  }
}
