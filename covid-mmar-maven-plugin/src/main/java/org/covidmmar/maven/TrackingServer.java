package org.covidmmar.maven;

import java.util.HashMap;
import java.util.Map;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.building.SettingsProblem;
import org.apache.maven.settings.crypto.DefaultSettingsDecryptionRequest;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.apache.maven.settings.crypto.SettingsDecryptionResult;
import org.covidmmar.CovidException;
import org.covidmmar.tracking.MlflowAccess;

/** The MLflow server of a build: its address from a property, who may use it from settings.xml. */
final class TrackingServer {
  private static final String SERVER_ID = "covid.mlflow.serverId";

  private TrackingServer() {}

  /**
   * How the server is reached.
   *
   * @param uri null: the environment's
   * @param serverId of an entry of settings.xml; null: user and password are the environment's
   * @return null where there is no server
   */
  static MlflowAccess of(
      String uri, String serverId, MavenSession session, SettingsDecrypter decrypter) {
    Map<String, String> environment = new HashMap<>(System.getenv());
    if (uri != null && !uri.isBlank()) {
      environment.put(MlflowAccess.URI_VARIABLE, uri);
    }
    if (serverId != null && !serverId.isBlank()) {
      enter(server(serverId, session, decrypter), environment);
    }
    return MlflowAccess.of(environment).orElse(null);
  }

  private static void enter(Server server, Map<String, String> environment) {
    environment.remove(MlflowAccess.USERNAME_VARIABLE);
    environment.remove(MlflowAccess.PASSWORD_VARIABLE);
    environment.remove(MlflowAccess.TOKEN_VARIABLE);
    if (server.getUsername() == null) {
      environment.put(MlflowAccess.TOKEN_VARIABLE, server.getPassword());
    } else {
      environment.put(MlflowAccess.USERNAME_VARIABLE, server.getUsername());
      environment.put(MlflowAccess.PASSWORD_VARIABLE, server.getPassword());
    }
  }

  private static Server server(String id, MavenSession session, SettingsDecrypter decrypter) {
    Server written = session.getSettings().getServer(id);
    if (written == null || written.getPassword() == null) {
      throw new CovidException(
          SERVER_ID,
          "there is no server \"" + id + "\" with a password in settings.xml",
          "add <server> with this <id>, <username> and <password> there; without <username> the"
              + " password is a token");
    }
    SettingsDecryptionResult result =
        decrypter.decrypt(new DefaultSettingsDecryptionRequest(written));
    for (SettingsProblem problem : result.getProblems()) {
      if (problem.getSeverity() != SettingsProblem.Severity.WARNING) {
        throw new CovidException(
            SERVER_ID,
            "the password of server \"" + id + "\" cannot be decrypted: " + problem.getMessage(),
            "encrypt it again with mvn --encrypt-password, and mind settings-security.xml");
      }
    }
    return result.getServer();
  }
}
