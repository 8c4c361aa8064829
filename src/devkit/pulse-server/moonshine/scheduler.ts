interface Job {
  readonly run: () => Promise<void>;
}

/**
 * Shares the processor among all streams: so many decodings at once, finals before interims, otherwise in the order
 * of asking. Its queues are as long as its askers make them: a stream has one interim and a few finals at most.
 */
export class Scheduler {
  private readonly finals: Job[] = [];
  private readonly interims: Job[] = [];
  private running = 0;

  constructor(private readonly atOnce: number) {}

  final<T>(run: () => Promise<T>): Promise<T> {
    return this.enqueue(this.finals, run);
  }

  interim<T>(run: () => Promise<T>): Promise<T> {
    return this.enqueue(this.interims, run);
  }

  private enqueue<T>(queue: Job[], run: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      queue.push({ run: () => run().then(resolve, reject) });
      this.start();
    });
  }

  private start(): void {
    while (this.running < this.atOnce) {
      const job = this.finals.shift() ?? this.interims.shift();
      if (job === undefined) return;
      this.running += 1;
      void job.run().then(() => {
        this.running -= 1;
        this.start();
      });
    }
  }
}
