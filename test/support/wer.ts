export * from '../../src/devkit/speech/word-errors.js';
