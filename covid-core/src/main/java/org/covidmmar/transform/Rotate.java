package org.covidmmar.transform;

/**
 * Turns image and mask about the volume's centre by Rx Ry Rz, which takes places of the result to
 * places of the source, in voxels; the shape stays. The image is interpolated linearly, the mask by
 * the nearest voxel; beyond the edge the edge's voxel counts.
 *
 * @param angles about the axes x, y and z, in radians
 */
public record Rotate(PerAxis angles) implements Transform {
  public Rotate {
    Check.finite("angles", angles);
  }

  @Override
  public Sample apply(Sample sample) {
    return Warp.apply(sample, Warp.rotation(angles), AffineSampler.Padding.BORDER);
  }
}
