package org.covidmmar.maven;

import java.util.List;
import java.util.Map;
import org.apache.maven.plugins.annotations.Parameter;
import org.codehaus.plexus.configuration.PlexusConfiguration;
import org.covidmmar.config.Setting;
import org.covidmmar.transform.Step;

/** What the goals that run the network have in common. */
abstract class AbstractNetworkMojo extends AbstractDatasetMojo {

  /**
   * Order of preprocessing: mmar scales the intensity before the crop, naturecomm after it. One of
   * mmar, naturecomm; default mmar.
   */
  @Parameter(property = "covid.recipe")
  private String recipe;

  /**
   * Shape of the network's input, after cropping to the lungs. Three whole numbers x,y,z from 32 to
   * 1024 (voxels); default 192,192,64.
   */
  @Parameter(property = "covid.inputShape")
  private String inputShape;

  /** Interpolation to covid.inputShape. One of area, trilinear; default area. */
  @Parameter(property = "covid.resize")
  private String resize;

  /**
   * Intensities that become 0 and 1; what lies outside is clipped. Two numbers low,high, low below
   * high (HU); default -1000,500.
   */
  @Parameter(property = "covid.intensityRange")
  private String intensityRange;

  /**
   * The network. One of densenet121, densenet169, densenet201, densenet264; default densenet121.
   */
  @Parameter(property = "covid.architecture")
  private String architecture;

  /**
   * Name of the experiment in the run journal; the artifactId where none is given. A name; no
   * default.
   */
  @Parameter(property = "covid.mlflow.experiment")
  private String mlflowExperiment;

  /**
   * What computes: auto takes the GPUs that libtorch sees, or else the CPU; gpu insists on them;
   * gpu:0,1 names them. A training uses all of them, other goals the first. One of auto, cpu, gpu,
   * or gpu: and the numbers of GPUs, as in gpu:0,1; default auto.
   */
  @Parameter(property = "covid.device")
  private String device;

  /**
   * avx2 pins the instruction set, so that different CPUs give the same bytes; slower. One of auto,
   * avx2; default auto.
   */
  @Parameter(property = "covid.isa")
  private String isa;

  /**
   * The preprocessing spelled out, in place of that of covid.recipe: an element for each transform,
   * in it an element for each of its arguments, such as {@code
   * <Resize><shape>192,192,64</shape><mode>area</mode></Resize>}. Where a parent or profile has
   * such a list too, {@code combine.self="override"} replaces it.
   */
  @Parameter private PlexusConfiguration preTransforms;

  @Override
  List<Step> preTransforms() {
    return preTransforms == null ? null : PreTransforms.read(preTransforms);
  }

  /** Cases in a batch. A whole number from 1 to 4096 (cases); default 1. */
  @Parameter(property = "covid.batchSize")
  private String batchSize;

  @Override
  void settings(Map<Setting, String> given) {
    super.settings(given);
    given.put(Setting.BATCH_SIZE, batchSize);
    given.put(Setting.RECIPE, recipe);
    given.put(Setting.INPUT_SHAPE, inputShape);
    given.put(Setting.RESIZE, resize);
    given.put(Setting.INTENSITY_RANGE, intensityRange);
    given.put(Setting.ARCHITECTURE, architecture);
    given.put(Setting.EXPERIMENT, mlflowExperiment);
    given.put(Setting.DEVICE, device);
    given.put(Setting.ISA, isa);
  }
}
