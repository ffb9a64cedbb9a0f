package hrm.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The Kubernetes manifests, through the Kubernetes API's own types. */
class ManifestsTest {
  private static final Path FOLDER = Path.of("k8s");
  private static final List<Class<? extends HasMetadata>> KINDS =
      List.of(
          ConfigMap.class,
          HorizontalPodAutoscaler.class,
          NetworkPolicy.class,
          PodDisruptionBudget.class,
          Role.class,
          RoleBinding.class,
          Service.class,
          ServiceAccount.class,
          StatefulSet.class);

  private static final List<HasMetadata> ALL = new ArrayList<>();

  @BeforeAll
  static void parse() throws IOException {
    for (String folder : List.of(".", "cpu", "gpu")) {
      for (Path file : files(folder)) {
        for (JsonNode document : Yaml.documents(file)) {
          HasMetadata read = typed(document);
          assertEquals(document.get("apiVersion").asText(), read.getApiVersion(), file.toString());
          assertEquals(document.get("kind").asText(), read.getKind(), file.toString());
          ALL.add(read);
        }
      }
    }
  }

  /** What {@code kubectl apply -f} of a folder takes: no folders in it. */
  private static List<Path> files(String folder) throws IOException {
    try (Stream<Path> files = Files.list(FOLDER.resolve(folder))) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static HasMetadata typed(JsonNode document) throws IOException {
    String kind = document.get("kind").asText();
    Class<? extends HasMetadata> type =
        KINDS.stream()
            .filter(each -> each.getSimpleName().equals(kind))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no type for " + kind));
    return Yaml.STRICT.treeToValue(document, type);
  }

  private static <T> Stream<T> all(Class<T> type) {
    return ALL.stream().filter(type::isInstance).map(type::cast);
  }

  private static Stream<PodSpec> pods() {
    return all(StatefulSet.class).map(set -> set.getSpec().getTemplate().getSpec());
  }

  @Test
  void aKeyThatKubernetesDoesNotKnow_isAnError() throws IOException {
    JsonNode document = Yaml.documents(FOLDER.resolve("gateway.yaml")).get(0);
    ((ObjectNode) document.at("/spec/template/spec/containers/0")).put("imagePullPolize", "Always");
    assertThrows(UnrecognizedPropertyException.class, () -> typed(document));
  }

  @Test
  void everyPartIsThere_andAtLeastThreeNodesStart() {
    Set<String> kinds = ALL.stream().map(HasMetadata::getKind).collect(Collectors.toSet());
    assertEquals(9, kinds.size(), kinds.toString());
    int nodes =
        all(StatefulSet.class)
            .filter(set -> !set.getMetadata().getName().equals("hrm-solver"))
            .mapToInt(set -> set.getSpec().getReplicas())
            .sum();
    assertTrue(nodes >= 3, "a majority survives the loss of one: " + nodes);
  }

  /** As OPERATIONS.md says to apply them. */
  @Test
  void aFolderWithOneOfSolvers_namesEachThingOnce_andLeavesTheirNumberToTheScaler()
      throws IOException {
    String page = Files.readString(Path.of("OPERATIONS.md"));
    for (String solvers : List.of("cpu", "gpu")) {
      assertTrue(page.contains("-f docker/k8s/%s/".formatted(solvers)), solvers);
      List<String> names = new ArrayList<>();
      for (String folder : List.of(".", solvers)) {
        for (Path file : files(folder)) {
          for (JsonNode each : Yaml.documents(file)) {
            names.add(each.get("kind").asText() + " " + each.at("/metadata/name").asText());
          }
        }
      }
      assertEquals(names.size(), Set.copyOf(names).size(), names.toString());
      assertTrue(names.contains("StatefulSet hrm-solver"), names.toString());
    }
    all(StatefulSet.class)
        .filter(set -> set.getMetadata().getName().equals("hrm-solver"))
        .forEach(set -> assertEquals(null, set.getSpec().getReplicas()));
  }

  /** The Prometheus operator's types are not at hand. */
  @Test
  void podMonitor_scrapesEveryPod_asTheJobOfTheAlerts_withTheToken() throws IOException {
    JsonNode monitor = Yaml.documents(FOLDER.resolve("prometheus/pod-monitor.yaml")).get(0);
    assertEquals("PodMonitor", monitor.get("kind").asText());
    JsonNode labels = monitor.at("/spec/selector/matchLabels");
    JsonNode endpoint = monitor.at("/spec/podMetricsEndpoints/0");
    for (StatefulSet set : all(StatefulSet.class).toList()) {
      Map<String, String> pod = set.getSpec().getTemplate().getMetadata().getLabels();
      assertTrue(contains(pod, Map.of("app", labels.get("app").asText())));
      assertEquals("hrm", pod.get(monitor.at("/spec/jobLabel").asText()));
      assertTrue(
          set.getSpec().getTemplate().getSpec().getContainers().get(0).getPorts().stream()
              .anyMatch(port -> port.getName().equals(endpoint.get("port").asText())));
    }
    assertEquals("http-token", endpoint.at("/authorization/credentials/key").asText());
  }

  @Test
  void selectorsFindTheirPods() {
    for (StatefulSet set : all(StatefulSet.class).toList()) {
      Map<String, String> labels = set.getSpec().getTemplate().getMetadata().getLabels();
      assertTrue(contains(labels, set.getSpec().getSelector().getMatchLabels()));
      assertEquals("hrm", set.getSpec().getServiceName());
      all(Service.class)
          .forEach(service -> assertTrue(contains(labels, service.getSpec().getSelector())));
      all(PodDisruptionBudget.class)
          .forEach(b -> assertTrue(contains(labels, b.getSpec().getSelector().getMatchLabels())));
      all(NetworkPolicy.class)
          .forEach(
              p -> assertTrue(contains(labels, p.getSpec().getPodSelector().getMatchLabels())));
    }
  }

  private static boolean contains(Map<String, String> labels, Map<String, String> wanted) {
    return labels.entrySet().containsAll(wanted.entrySet());
  }

  @Test
  void everyPod_isWithoutRights_withAReadOnlyRoot_andAPlaceForNativeLibraries() {
    for (PodSpec pod : pods().toList()) {
      Container container = pod.getContainers().get(0);
      assertTrue(pod.getSecurityContext().getRunAsNonRoot());
      assertEquals(10001L, pod.getSecurityContext().getRunAsUser());
      assertTrue(container.getSecurityContext().getReadOnlyRootFilesystem());
      assertEquals(false, container.getSecurityContext().getAllowPrivilegeEscalation());
      assertEquals(List.of("ALL"), container.getSecurityContext().getCapabilities().getDrop());
      Set<String> volumes =
          pod.getVolumes().stream().map(v -> v.getName()).collect(Collectors.toSet());
      container.getVolumeMounts().forEach(m -> assertTrue(volumes.contains(m.getName())));
      assertTrue(
          container.getVolumeMounts().stream().anyMatch(m -> m.getMountPath().equals("/tmp")));
    }
  }

  @Test
  void everyPod_isProbedWhereItAnswers_andGetsTheTimeToDrain() {
    for (PodSpec pod : pods().toList()) {
      Container container = pod.getContainers().get(0);
      assertEquals("/ready", container.getReadinessProbe().getHttpGet().getPath());
      assertEquals("/alive", container.getLivenessProbe().getHttpGet().getPath());
      Set<String> ports =
          container.getPorts().stream().map(p -> p.getName()).collect(Collectors.toSet());
      assertEquals(Set.of("remoting", "management", "http", "probes"), ports);
      for (Probe probe :
          List.of(
              container.getReadinessProbe(),
              container.getLivenessProbe(),
              container.getStartupProbe())) {
        assertEquals("probes", probe.getHttpGet().getPort().getStrVal());
      }
      long bound = 10 + 30 + 10; // drain-timeout, stop-timeout, leaving the cluster
      assertTrue(pod.getTerminationGracePeriodSeconds() > bound);
      assertEquals("hrm", pod.getServiceAccountName());
      assertTrue(container.getResources().getLimits().containsKey("memory"));
    }
  }

  @Test
  void noOtherPodReachesTheProbes() {
    NetworkPolicy policy = all(NetworkPolicy.class).findFirst().orElseThrow();
    Set<String> reached =
        policy.getSpec().getIngress().stream()
            .flatMap(rule -> rule.getPorts().stream())
            .map(port -> port.getPort().getStrVal())
            .collect(Collectors.toSet());
    assertEquals(Set.of("remoting", "management", "http"), reached);
  }

  @Test
  void onlyTheGpuSolversAskForGpus_oneEach() {
    List<String> gpus =
        pods()
            .map(pod -> pod.getContainers().get(0))
            .filter(c -> c.getResources().getLimits().containsKey("nvidia.com/gpu"))
            .map(c -> c.getImage() + " " + c.getResources().getLimits().get("nvidia.com/gpu"))
            .toList();
    assertEquals(List.of("hrm-cuda:0.1.0 1"), gpus);
  }

  @Test
  void podsMayBeListed_andNothingElse() {
    Role role = all(Role.class).findFirst().orElseThrow();
    assertEquals(1, role.getRules().size());
    assertEquals(List.of("pods"), role.getRules().get(0).getResources());
    assertEquals(List.of("get", "watch", "list"), role.getRules().get(0).getVerbs());
    RoleBinding binding = all(RoleBinding.class).findFirst().orElseThrow();
    assertEquals(role.getMetadata().getName(), binding.getRoleRef().getName());
    assertEquals(
        all(ServiceAccount.class).findFirst().orElseThrow().getMetadata().getName(),
        binding.getSubjects().get(0).getName());
  }

  @Test
  void solversAreScaledByUnfinishedJobs() {
    HorizontalPodAutoscaler scaler = all(HorizontalPodAutoscaler.class).findFirst().orElseThrow();
    assertEquals("hrm-solver", scaler.getSpec().getScaleTargetRef().getName());
    assertEquals(
        "hrm_jobs_unfinished",
        scaler.getSpec().getMetrics().get(0).getExternal().getMetric().getName());
  }

  @Test
  void noManifestHoldsASecret() throws IOException {
    assertTrue(ALL.stream().noneMatch(each -> each.getKind().equals("Secret")));
    for (PodSpec pod : pods().toList()) {
      pod.getContainers().get(0).getEnv().stream()
          .filter(env -> env.getName().contains("TOKEN"))
          .forEach(env -> assertTrue(env.getValue() == null && env.getValueFrom() != null));
    }
  }
}
