package org.covidmmar.transform;

/** One entry of a {@link Pipeline}: a fixed transform, or one that is drawn anew for each case. */
public sealed interface Step permits Transform, RandomTransform {}
