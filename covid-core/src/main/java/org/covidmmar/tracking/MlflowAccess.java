package org.covidmmar.tracking;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.covidmmar.CovidException;

/**
 * How an MLflow server is reached: what MLflow's own client takes from the environment.
 *
 * @param uri http or https, without a slash at its end
 * @param username null where none is needed
 * @param password null where none is needed
 * @param token sent where there is no user name and password; null where none is needed
 * @param insecureTls takes any certificate
 * @param certificates PEM file of the authorities to trust instead of Java's; null: Java's
 */
public record MlflowAccess(
    URI uri,
    String username,
    String password,
    String token,
    boolean insecureTls,
    Path certificates) {
  public static final String URI_VARIABLE = "MLFLOW_TRACKING_URI";
  public static final String USERNAME_VARIABLE = "MLFLOW_TRACKING_USERNAME";

  /** Also the variable of a secret, as the next. */
  public static final String PASSWORD_VARIABLE = "MLFLOW_TRACKING_PASSWORD";

  public static final String TOKEN_VARIABLE = "MLFLOW_TRACKING_TOKEN";
  static final String INSECURE_VARIABLE = "MLFLOW_TRACKING_INSECURE_TLS";
  static final String CERTIFICATES_VARIABLE = "MLFLOW_TRACKING_SERVER_CERT_PATH";

  /**
   * The server that an environment names.
   *
   * @return empty where it names none
   * @throws CovidException where its address is none that runs can be sent to
   */
  public static Optional<MlflowAccess> of(Map<String, String> environment) {
    String address = text(environment, URI_VARIABLE);
    if (address == null) {
      return Optional.empty();
    }
    String insecure = text(environment, INSECURE_VARIABLE);
    String certificates = text(environment, CERTIFICATES_VARIABLE);
    return Optional.of(
        new MlflowAccess(
            uri(address),
            text(environment, USERNAME_VARIABLE),
            text(environment, PASSWORD_VARIABLE),
            text(environment, TOKEN_VARIABLE),
            insecure != null && (insecure.equals("1") || insecure.equalsIgnoreCase("true")),
            certificates == null ? null : Path.of(certificates)));
  }

  private static String text(Map<String, String> environment, String name) {
    String text = environment.get(name);
    return text == null || text.isBlank() ? null : text.strip();
  }

  /** The address itself is not repeated where it may hold a password. */
  private static URI uri(String address) {
    URI uri;
    try {
      uri = new URI(address.replaceAll("/+$", ""));
    } catch (URISyntaxException e) {
      throw unusable("is no address");
    }
    if (uri.getRawUserInfo() != null) {
      throw unusable("holds a user name or password, which would be logged");
    }
    if (uri.getHost() == null || !List.of("http", "https").contains(uri.getScheme())) {
      throw unusable("expected http:// or https:// and a host, found \"" + uri.getScheme() + ":\"");
    }
    return uri;
  }

  private static CovidException unusable(String problem) {
    return new CovidException(
        "covid.mlflow.trackingUri",
        problem,
        "give the address of a server, as in http://127.0.0.1:5000, or unset it and "
            + URI_VARIABLE
            + "; user and password go into "
            + USERNAME_VARIABLE
            + " and "
            + PASSWORD_VARIABLE
            + " or a server entry of settings.xml");
  }

  /** The same access as variables of an environment, for a process of its own. */
  public Map<String, String> environment() {
    Map<String, String> environment = new TreeMap<>();
    environment.put(URI_VARIABLE, uri.toString());
    environment.put(USERNAME_VARIABLE, Objects.requireNonNullElse(username, ""));
    environment.put(PASSWORD_VARIABLE, Objects.requireNonNullElse(password, ""));
    environment.put(TOKEN_VARIABLE, Objects.requireNonNullElse(token, ""));
    environment.put(INSECURE_VARIABLE, Boolean.toString(insecureTls));
    environment.put(CERTIFICATES_VARIABLE, certificates == null ? "" : certificates.toString());
    return environment;
  }

  /** A text without the secrets, should it have come upon one. */
  String withoutSecrets(String text) {
    return Stream.of(password, token)
        .filter(Objects::nonNull)
        .reduce(text, (left, secret) -> left.replace(secret, "***"));
  }

  /** The address alone. */
  @Override
  public String toString() {
    return uri.toString();
  }
}
