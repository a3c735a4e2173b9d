package org.covidmmar.tracking;

import org.mlflow.api.proto.Service.RunInfo;

/**
 * Where the files of a run or a model lie on a server.
 *
 * @param uri as the server gave it
 * @param owner what the server calls the id in its API: run_id or model_id
 * @param id of the run or model
 */
record ArtifactRoot(String uri, String owner, String id) {
  static ArtifactRoot of(RunInfo run) {
    return new ArtifactRoot(run.getArtifactUri(), "run_id", run.getRunId());
  }

  static ArtifactRoot ofModel(String id, String uri) {
    return new ArtifactRoot(uri, "model_id", id);
  }
}
