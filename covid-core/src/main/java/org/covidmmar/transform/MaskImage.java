package org.covidmmar.transform;

import org.covidmmar.volume.Volume;

/** Sets the image to 0 wherever the mask is not above 0. */
public record MaskImage() implements Transform {
  @Override
  public boolean needsMask() {
    return true;
  }

  @Override
  public Sample apply(Sample sample) {
    Views views = Views.of(sample);
    float[] mask = Masks.of(views).toVolume().floats();
    float[] voxels = views.image().floats();
    for (int i = 0; i < voxels.length; i++) {
      if (!(mask[i] > 0)) {
        voxels[i] = 0;
      }
    }
    return sample.withImage(Volume.of(sample.image().shape(), sample.image().affine(), voxels));
  }
}
