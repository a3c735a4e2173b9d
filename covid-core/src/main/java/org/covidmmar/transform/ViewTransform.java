package org.covidmmar.transform;

/** A transform that works on views, so that a pipeline need not copy the sample for it. */
interface ViewTransform extends Transform {
  Views on(Views views);

  @Override
  default Sample apply(Sample sample) {
    return on(Views.of(sample)).toSample();
  }
}
