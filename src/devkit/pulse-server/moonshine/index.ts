import type { ModelFiles } from '../../model.js';
import type { Recogniser, RecogniserEvents, SessionOptions } from '../recogniser.js';
import { loadEngine } from './engine.js';
import { MoonshineSession } from './session.js';

/** English only, offline, on two cores. Load it once for all streams. */
export async function createMoonshineRecogniser(model: ModelFiles): Promise<Recogniser> {
  const engine = await loadEngine(model, 2);
  const sessions = new Set<MoonshineSession>();
  return {
    name: 'Moonshine tiny (English) with sherpa-onnx',
    open(options: SessionOptions, events: RecogniserEvents) {
      const session = new MoonshineSession(engine, options, events, () => sessions.delete(session));
      sessions.add(session);
      return session;
    },
    close() {
      for (const session of [...sessions]) session.close();
      return Promise.resolve();
    },
  };
}
