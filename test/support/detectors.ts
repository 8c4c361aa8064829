import type { OpenDetector, VoiceDetector } from '../../src/audio/voice-detector.js';

/** Takes everything but digital silence for a voice, and notes what it was given. */
export class LoudnessDetector implements VoiceDetector {
  readonly heard: Int16Array[] = [];
  resets = 0;
  closed = false;

  hear(samples: Int16Array): Promise<number> {
    this.heard.push(samples);
    return Promise.resolve(samples.some((sample) => Math.abs(sample) > 100) ? 1 : 0);
  }

  reset(): void {
    this.resets += 1;
  }

  close(): void {
    this.closed = true;
  }

  readonly open: OpenDetector = () => Promise.resolve(this);
}
