/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import java.lang.reflect.AnnotatedElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Decides {@link EnabledIfExecutable} and {@link EnabledIfFile}. */
final class CapabilityCondition implements ExecutionCondition {
  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    Optional<AnnotatedElement> element = context.getElement();
    List<String> missing =
        Stream.concat(
                AnnotationSupport.findAnnotation(element, EnabledIfExecutable.class).stream()
                    .flatMap(needed -> Arrays.stream(needed.value()))
                    .filter(name -> !isExecutable(name))
                    .map(name -> "executable " + name),
                AnnotationSupport.findAnnotation(element, EnabledIfFile.class).stream()
                    .flatMap(needed -> Arrays.stream(needed.value()))
                    .filter(path -> !Files.exists(Path.of(path)))
                    .map(path -> "file " + path))
            .toList();
    return missing.isEmpty()
        ? ConditionEvaluationResult.enabled("nothing is missing")
        : ConditionEvaluationResult.disabled("missing: " + String.join(", ", missing));
  }

  private static boolean isExecutable(String name) {
    if (name.contains("/")) {
      return isProgram(Path.of(name));
    }
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "/bin:/usr/bin");
    return Arrays.stream(path.split(":", -1)).anyMatch(at -> isProgram(Path.of(at, name)));
  }

  private static boolean isProgram(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }
}
