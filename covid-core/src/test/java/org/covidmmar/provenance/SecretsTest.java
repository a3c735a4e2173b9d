package org.covidmmar.provenance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretsTest {
  @ParameterizedTest
  @CsvSource({
    "<db.password>s3cret</db.password>, <db.password>(removed)</db.password>",
    "<apiToken>s3cret</apiToken>, <apiToken>(removed)</apiToken>",
    "<url>https://me:s3cret@host/x</url>, <url>https://(removed)@host/x</url>",
    "+MLFLOW_TRACKING_PASSWORD=s3cret, +MLFLOW_TRACKING_PASSWORD=(removed)",
    "<covid.epochs>3</covid.epochs>, <covid.epochs>3</covid.epochs>",
    "<url>https://host/a@b</url>, <url>https://host/a@b</url>",
  })
  void secretsAreTakenOutAndNothingElse(String text, String kept) {
    assertEquals(kept, Secrets.removed(text));
  }

  @Test
  void secretsAreTakenOutHoweverTheyAreWritten() {
    for (String text :
        List.of(
            "<password><![CDATA[s3cret]]></password>",
            "<password combine.self=\"override\">s3cret</password>",
            "<password>s3<!-- -->cret</password>",
            "<proxy password=\"s3cret s3cret\"/>",
            "{\"api_key\": \"s3cret\"}",
            "password: s3cret",
            "db.pwd = 's3cret'",
            "<accessKey>s3cret</accessKey>")) {
      String kept = Secrets.removed(text);
      assertFalse(kept.contains("s3") || kept.contains("cret<"), kept);
    }
    for (String text :
        List.of(
            "<covid.pretrained>org.example:token-model:mmar:1.2</covid.pretrained>",
            "<url>http://token.example.org:8080/x</url>",
            "<token/><covid.epochs>3</covid.epochs><token/>",
            "PASSWORD=\nEPOCHS=3")) {
      assertEquals(text, Secrets.removed(text));
    }
  }

  @Test
  void aPropertyIsJudgedByItsName() {
    assertEquals("(removed)", Secrets.removed("covid.x.passphrase", "s3cret"));
    assertEquals("3", Secrets.removed("covid.epochs", "3"));
    assertEquals("http://(removed)@h", Secrets.removed("covid.uri", "http://u:p@h"));
  }
}
