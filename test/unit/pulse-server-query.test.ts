import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type PulseServer,
  ScriptedRecogniser,
  startPulseServer,
} from '../../src/devkit/pulse-server/index.js';
import { refusal } from '../support/alphabet-client.js';

let server: PulseServer;

beforeAll(async () => {
  server = await startPulseServer({ recogniser: new ScriptedRecogniser() });
});

afterAll(() => server.close());

const ok = { model: 'pulse', language: 'en' };
test.each([
  ['no model', { language: 'en' }],
  ['a model for batch', { ...ok, model: 'pulse-pro' }],
  ['no language', { model: 'pulse' }],
  ['a language of batch', { ...ok, language: 'uk' }],
  ['a full locale', { ...ok, language: 'en-US' }],
  ['another rate', { ...ok, sample_rate: '32000' }],
  ['an encoding it cannot read', { ...ok, encoding: 'opus' }],
  ['an unknown encoding', { ...ok, encoding: 'mp3' }],
  ['a flag that is none', { ...ok, word_timestamps: 'yes' }],
  ['a time out of range', { ...ok, eou_timeout_ms: '50' }],
  ['a time that is no number', { ...ok, endpointing_timeout: 'soon' }],
  ['no words', { ...ok, max_words: '0' }],
  ['an odd session id', { ...ok, external_session_id: 'a b' }],
  ['a wrong numerals', { ...ok, numerals: 'maybe' }],
])('refused with 400 before the upgrade: %s', async (_name, query) => {
  const answer = await refusal(server.url, query);
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.body)).toEqual({
    error: expect.any(String) as string,
    request_id: answer.headers['x-request-id'],
  });
});
