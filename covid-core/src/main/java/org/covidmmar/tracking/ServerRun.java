package org.covidmmar.tracking;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.mlflow.api.proto.Service.CreateRun;
import org.mlflow.api.proto.Service.Experiment;
import org.mlflow.api.proto.Service.Run;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.api.proto.Service.ViewType;

/** Finds a run of the journal on a server by its key, or makes it there. */
final class ServerRun {
  /** Tag of a run on a server: the run's id in the journal. A server gives runs ids of its own. */
  static final String KEY = "covid.runKey";

  private static final int MOST = 100;

  private ServerRun() {}

  /**
   * The run on the server. Where there are several of its key, because the client repeated a
   * request whose answer was lost, or because two machines made one at the same time, everyone
   * takes the first by id and deletes the others.
   *
   * @return empty where someone deleted it there
   */
  static Optional<Run> findOrCreate(MlflowServer server, RunFolder.Meta meta) {
    String experiment = experiment(server, meta.experiment());
    List<Run> found = search(server, experiment, meta.id());
    if (found.isEmpty()) {
      server.call(client -> client.createRun(creation(experiment, meta)));
      found = search(server, experiment, meta.id());
    }
    List<Run> active = new ArrayList<>(found);
    active.removeIf(run -> !run.getInfo().getLifecycleStage().equals("active"));
    for (Run other : active.subList(Math.min(1, active.size()), active.size())) {
      server.call(
          client -> {
            client.deleteRun(other.getInfo().getRunId());
            return other;
          });
    }
    return active.stream().findFirst();
  }

  private static List<Run> search(MlflowServer server, String experiment, String key) {
    String filter = "tags.`" + KEY + "` = '" + key + "'";
    return server
        .call(client -> client.searchRuns(List.of(experiment), filter, ViewType.ALL, MOST))
        .getItems()
        .stream()
        .sorted(Comparator.comparing(run -> run.getInfo().getRunId()))
        .toList();
  }

  private static CreateRun creation(String experiment, RunFolder.Meta meta) {
    return CreateRun.newBuilder()
        .setExperimentId(experiment)
        .setRunName(meta.name())
        .setStartTime(meta.start().toEpochMilli())
        .addTags(RunTag.newBuilder().setKey(KEY).setValue(meta.id()))
        .build();
  }

  private static String experiment(MlflowServer server, String name) {
    Optional<Experiment> found = server.call(client -> client.getExperimentByName(name));
    if (found.isEmpty()) {
      try {
        return server.call(client -> client.createExperiment(name));
      } catch (ServerException e) {
        // Another machine may have been faster, or the answer to the first request was lost.
        found = server.call(client -> client.getExperimentByName(name));
        if (found.isEmpty()) {
          throw e;
        }
      }
    }
    if (!found.get().getLifecycleStage().equals("active")) {
      throw new ServerException(
          0,
          "its experiment \""
              + name
              + "\" is deleted: restore it there, or give covid.mlflow.experiment another name",
          null);
    }
    return found.get().getExperimentId();
  }
}
