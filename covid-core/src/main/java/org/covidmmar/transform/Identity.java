package org.covidmmar.transform;

/** Changes nothing: what a random transform draws where its chance is not met. */
public record Identity() implements ViewTransform {
  @Override
  public Views on(Views views) {
    return views;
  }
}
