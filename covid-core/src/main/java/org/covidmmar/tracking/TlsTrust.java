package org.covidmmar.tracking;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.covidmmar.CovidException;

/** Which servers' certificates are taken. */
final class TlsTrust {
  /** MLflow's client takes its trust from here alone, at its first request. */
  private static final String PROPERTY = "javax.net.ssl.trustStore";

  private TlsTrust() {}

  /** The context for requests of our own. */
  static SSLContext context(MlflowAccess access) {
    try {
      if (!access.insecureTls() && access.certificates() == null) {
        return SSLContext.getDefault();
      }
      TrustManager[] managers;
      if (access.insecureTls()) {
        managers = new TrustManager[] {new TrustsAll()};
      } else {
        TrustManagerFactory factory =
            TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store(access.certificates()));
        managers = factory.getTrustManagers();
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has TLS", e);
    }
  }

  /** Does what makes a context of Java's own settings, as if the certificates were in them. */
  static void whileTrusting(Path certificates, Runnable makesContext) {
    // The property is the whole JVM's: set no longer than need be, and by one thread at a time.
    synchronized (TlsTrust.class) {
      String before = System.getProperty(PROPERTY);
      Path file = null;
      try {
        file = Files.createTempFile("covid-trust", ".jks");
        try (OutputStream out = Files.newOutputStream(file)) {
          store(certificates).store(out, new char[0]);
        }
        System.setProperty(PROPERTY, file.toString());
        makesContext.run();
      } catch (IOException | GeneralSecurityException e) {
        throw unreadable(certificates, e);
      } finally {
        if (before == null) {
          System.clearProperty(PROPERTY);
        } else {
          System.setProperty(PROPERTY, before);
        }
        delete(file);
      }
    }
  }

  private static KeyStore store(Path certificates) {
    try (InputStream in = Files.newInputStream(certificates)) {
      KeyStore store = KeyStore.getInstance("JKS");
      store.load(null, null);
      int n = 0;
      for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("authority-" + n++, one);
      }
      if (n == 0) {
        throw new IOException("no certificate in it");
      }
      return store;
    } catch (IOException | GeneralSecurityException e) {
      throw unreadable(certificates, e);
    }
  }

  private static CovidException unreadable(Path certificates, Exception e) {
    return new CovidException(
        MlflowAccess.CERTIFICATES_VARIABLE,
        "expected a PEM file of certificates, found " + certificates + ": " + e.getMessage(),
        "give the file of the authority that signed the server's certificate",
        e);
  }

  private static void delete(Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // Certificates are no secret: one file more in the folder for such files.
      file.toFile().deleteOnExit();
    }
  }

  /** An extended one is asked about the host's name too. */
  private static final class TrustsAll extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
