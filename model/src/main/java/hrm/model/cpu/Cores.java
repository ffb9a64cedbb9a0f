package hrm.model.cpu;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The machine's cores, shared by every stream of kernels in the process. A stream runs its loops on
 * its own thread; helper threads join in while cores are idle, so two busy actors get a core each
 * and one alone gets them all. No allocation, no locks; a helper that finds nothing parks.
 */
final class Cores {
  private static final int SPINS = 20_000; // some 50 µs: longer than the gap between two kernels

  /** One iteration of a parallel loop. */
  interface Loop {
    void run(int index, Scratch scratch);
  }

  private final int cores;
  private final AtomicInteger seats; // cores without a running thread of ours; may go below 0
  private final List<Stream> streams = new CopyOnWriteArrayList<>();
  private final Thread[] helpers;
  private final AtomicInteger parked = new AtomicInteger();

  Cores(int cores) {
    this.cores = cores;
    this.seats = new AtomicInteger(cores);
    this.helpers = new Thread[cores - 1];
    for (int i = 0; i < helpers.length; i++) {
      helpers[i] = new Thread(this::help, "hrm-core-" + (i + 1));
      helpers[i].setDaemon(true);
      helpers[i].start();
    }
  }

  int count() {
    return cores;
  }

  Stream open() {
    Stream stream = new Stream();
    streams.add(stream);
    return stream;
  }

  /** One caller's loops, one after another. */
  final class Stream {
    // generation (24 bits) | iterations (20) | next iteration (20): claimed by compare-and-set
    private final AtomicLong claims = new AtomicLong();
    private final AtomicInteger unfinished = new AtomicInteger();
    private final Scratch scratch = new Scratch();
    private volatile Loop loop;
    private volatile Throwable failure;
    private long generation;

    /** Runs iterations 0..n-1, at most 2^20 - 1; returns when all are done. */
    void run(int n, Loop body) {
      if (n == 0) {
        return;
      }
      seats.decrementAndGet();
      try {
        if (n == 1 || helpers.length == 0) {
          for (int i = 0; i < n; i++) {
            body.run(i, scratch);
          }
          return;
        }
        loop = body;
        unfinished.set(n);
        generation = (generation + 1) & 0xFFFFFF;
        claims.set(generation << 40 | (long) n << 20);
        if (seats.get() > 0 && parked.get() > 0) {
          for (Thread helper : helpers) {
            LockSupport.unpark(helper);
          }
        }
        while (claimOne(scratch)) {}
        for (int spins = 0; unfinished.get() > 0; spins++) {
          if (spins < SPINS) {
            Thread.onSpinWait();
          } else {
            Thread.yield();
          }
        }
      } finally {
        seats.incrementAndGet();
      }
      Throwable thrown = failure;
      if (thrown != null) {
        failure = null;
        throw new IllegalStateException("a kernel failed on another core", thrown);
      }
    }

    private boolean claimOne(Scratch by) {
      long claim = claims.get();
      int n = (int) (claim >>> 20) & 0xFFFFF;
      int next = (int) claim & 0xFFFFF;
      if (next >= n) {
        return false;
      }
      if (claims.compareAndSet(claim, claim + 1)) {
        try {
          loop.run(next, by);
        } catch (Throwable e) {
          failure = e;
        } finally {
          unfinished.decrementAndGet();
        }
      }
      return true;
    }

    private boolean hasWork() {
      long claim = claims.get();
      return ((int) claim & 0xFFFFF) < ((int) (claim >>> 20) & 0xFFFFF);
    }

    void close() {
      streams.remove(this);
      scratch.close();
    }
  }

  private void help() {
    Scratch scratch = new Scratch();
    int idle = 0;
    while (true) {
      if (helpOnce(scratch)) {
        idle = 0;
      } else if (++idle < SPINS) {
        Thread.onSpinWait();
      } else {
        parked.incrementAndGet();
        if (!anyWork()) {
          LockSupport.parkNanos(this, 1_000_000_000L);
        }
        parked.decrementAndGet();
        idle = 0;
      }
    }
  }

  private boolean helpOnce(Scratch scratch) {
    for (int i = 0; i < streams.size(); i++) {
      Stream stream;
      try {
        stream = streams.get(i);
      } catch (IndexOutOfBoundsException closedMeanwhile) {
        return false;
      }
      if (stream.hasWork() && takeSeat()) {
        try {
          return stream.claimOne(scratch);
        } finally {
          seats.incrementAndGet();
        }
      }
    }
    return false;
  }

  private boolean takeSeat() {
    int free = seats.get();
    return free > 0 && seats.compareAndSet(free, free - 1);
  }

  private boolean anyWork() {
    for (Stream stream : streams) {
      if (stream.hasWork()) {
        return true;
      }
    }
    return false;
  }
}
