package hrm.cluster.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The wires between the nodes of a {@link Fleet}: every node is reached through a relay on its own
 * loopback address, which knows the other end by the address it connects from. A cut wire holds
 * back every byte, as lost packets do, until it is healed; no connection is closed.
 */
final class Links implements AutoCloseable {
  private static final int BUFFER = 1 << 16;

  private final Set<Set<String>> cut = new HashSet<>();
  private final Set<ServerSocket> relays = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /** Relays connections to {@code address:port} to the port behind it. */
  void relay(String address, int port, int behind) throws IOException {
    ServerSocket relay = new ServerSocket();
    relay.setReuseAddress(true);
    relay.bind(new InetSocketAddress(address, port));
    relays.add(relay);
    daemon("relay-" + address, () -> accept(relay, address, behind));
  }

  void cut(String one, String other) {
    synchronized (cut) {
      cut.add(Set.of(one, other));
    }
  }

  void heal(String one, String other) {
    synchronized (cut) {
      cut.remove(Set.of(one, other));
      cut.notifyAll();
    }
  }

  private void accept(ServerSocket relay, String address, int behind) {
    while (!closed) {
      try {
        Socket from = relay.accept();
        daemon("relay-to-" + address, () -> connect(from, address, behind));
      } catch (IOException e) {
        // Closed, or the connection was gone before it was taken.
      }
    }
  }

  private void connect(Socket from, String address, int behind) {
    String other = from.getInetAddress().getHostAddress();
    Set<String> wire = other.equals(address) ? Set.of(address) : Set.of(address, other);
    try {
      awaitHealed(wire);
      Socket to = new Socket();
      to.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
      to.connect(new InetSocketAddress(address, behind));
      from.setTcpNoDelay(true);
      to.setTcpNoDelay(true);
      daemon("relay-back-" + address, () -> pump(to, from, wire));
      pump(from, to, wire);
    } catch (IOException | InterruptedException e) {
      close(from); // nobody is there
    }
  }

  private void pump(Socket from, Socket to, Set<String> wire) {
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        awaitHealed(wire);
        out.write(buffer, 0, n);
      }
    } catch (IOException | InterruptedException e) {
      // One end is gone; the other learns it below.
    }
    close(from);
    close(to);
  }

  private void awaitHealed(Set<String> wire) throws InterruptedException {
    synchronized (cut) {
      while (cut.contains(wire) && !closed) {
        cut.wait();
      }
    }
  }

  private static void close(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      // Closed already.
    }
  }

  private static void daemon(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    closed = true;
    relays.forEach(Links::close);
    synchronized (cut) {
      cut.clear();
      cut.notifyAll();
    }
  }
}
