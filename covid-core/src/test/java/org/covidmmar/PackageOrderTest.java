package org.covidmmar;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import ai.djl.ndarray.NDArray;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Random;
import org.covidmmar.model.Torch;
import org.junit.jupiter.api.Test;

/** Each package may use only those named before it. */
class PackageOrderTest {
  private static final String ROOT = "org.covidmmar";
  private static final List<String> ORDER =
      List.of(
          "",
          ".volume",
          ".io.nifti",
          ".transform",
          ".io.dicom",
          ".segmentation",
          ".model",
          ".config",
          ".dataset",
          ".evaluation",
          ".inference",
          ".provenance",
          ".training",
          ".tracking",
          ".report",
          ".mmar",
          ".bundle",
          ".experiment");

  private final JavaClasses core =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void noPackageUsesALaterOne() {
    for (int i = 0; i < ORDER.size(); i++) {
      String[] later =
          ORDER.subList(i + 1, ORDER.size()).stream()
              .map(p -> ROOT + p + "..")
              .toArray(String[]::new);
      if (later.length > 0) {
        noClasses()
            .that()
            .resideInAnyPackage(packages(i))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(later)
            .allowEmptyShould(true)
            .check(core);
      }
    }
  }

  @Test
  void everyPackageHasItsPlaceInTheOrder() {
    String[] known =
        java.util.stream.IntStream.range(0, ORDER.size())
            .mapToObj(PackageOrderTest::packages)
            .flatMap(java.util.Arrays::stream)
            .toArray(String[]::new);
    classes().should().resideInAnyPackage(known).check(core);
  }

  @Test
  void theCoreKnowsNothingOfMaven() {
    noClasses().should().dependOnClassesThat().resideInAPackage("org.apache.maven..").check(core);
  }

  @Test
  void randomnessComesFromTheSeedTreeAlone() {
    noClasses().should().dependOnClassesThat().areAssignableTo(Random.class).check(core);
    noClasses().should().callMethod(Math.class, "random").check(core);
  }

  /** Math's may differ in the last digit between JDKs and processors, StrictMath's do not. */
  @Test
  void functionsAreStrict() {
    noClasses()
        .should()
        .callMethodWhere(
            target(owner(equivalentTo(Math.class)))
                .and(
                    target(
                        nameMatching(
                            "a?sin|a?cos|a?tan|atan2|sinh|cosh|tanh|exp|expm1|log|log10|log1p"
                                + "|pow|cbrt|hypot"))))
        .check(core);
  }

  /** DJL's own leave a copy of what is on a GPU behind. */
  @Test
  void arraysAreReadByTorchFloatsAlone() {
    noClasses()
        .that()
        .areNotAssignableTo(Torch.class)
        .should()
        .callMethodWhere(
            target(owner(assignableTo(NDArray.class)))
                .and(target(nameMatching("to.*(Array|Buffer)|get(Float|Double|Int|Long)"))))
        .check(core);
  }

  private static String[] packages(int i) {
    String name = ROOT + ORDER.get(i);
    return i == 0 ? new String[] {name} : new String[] {name + ".."};
  }
}
