export { ensureS3Server, s3ServerPath } from './s3-server/ensure.js';
export { startS3Server, type S3Server, type S3ServerOptions } from './s3-server/start.js';
