import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem, type ProblemCode, problemMembers, excerpt, type RefusalReason, refusalReasonOf } from '#errors.ts';
import { nearestName } from '#nearest-name.ts';
import { formats, readFormats } from '#formats/formats.ts';
import { listMediaTypes } from '#formats/media-types.ts';
import { plainAddress } from '#config/proxy.ts';
import { isLastRequest, drain } from '#http/request/drain.ts';
import { newRequestId } from '#http/headers/request-id.ts';
import { api } from '#http/headers/security-headers.ts';

/** The media type of every error (RFC 9457). */
const problemType = 'application/problem+json';

/** Problem codes of Fastify's and Node's own errors. */
const known: Record<string, ProblemCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'broken_body',
  FST_ERR_BAD_URL: 'invalid_request',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
  FST_ERR_VALIDATION: 'invalid_request',
  ERR_STREAM_PREMATURE_CLOSE: 'broken_body',
  ECONNRESET: 'broken_body',
};

/** Default Retry-After in seconds. */
const retryAfter = 1;

/** Problems after which the rest of the body is not awaited. */
const endsConnection = new Set<ProblemCode>(['request_timeout', 'deadline_exceeded']);

/** Turns everything thrown into a problem document; errors other than a Problem reveal no internals. */
export function addErrorHandler(app: FastifyInstance, onRefusal: (reason: RefusalReason) => void): void {
  const routes: { methods: string[]; segments: string[] }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    routes.push({ methods: [method].flat(), segments: url.split('/') });
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = toProblem(error);
    const reason = refusalReasonOf(problem);
    if (reason) onRefusal(reason);
    if (problem.code === 'internal') request.log.error({ err: error }, 'request failed');
    // Internals that the client does not see, such as why the store is unreachable.
    else if (problem.cause) request.log.warn({ err: problem.cause }, 'request refused');
    return sendProblem(problem, request, reply);
  });
  app.setNotFoundHandler((request, reply) => {
    const allowed = allowedAt(pathOf(request.url));
    if (allowed.length === 0 || allowed.includes(request.method))
      return sendProblem(new Problem('not_found', describePath(pathOf(request.url))), request, reply);
    reply.header('allow', allowed.join(', '));
    const detail = `${named(request.url)} does not support ${request.method}; allowed: ${allowed.join(', ')}.`;
    return sendProblem(new Problem('method_not_allowed', detail), request, reply);
  });

  /** A path that does not exist, with the nearest one that does: what a route leaves open is as it was given. */
  function describePath(path: string): string {
    const segments = path.split('/');
    const near = routes
      .filter((route) => route.segments.length === segments.length)
      .map((route) => route.segments.map((part, at) => (/^[:*]/.test(part) ? segments[at] : part)).join('/'));
    const nearest = nearestName(path, near);
    return `There is no path ${named(path)}${nearest === undefined ? '.' : `; did you mean ${nearest}?`}`;
  }

  function allowedAt(path: string): string[] {
    const segments = path.split('/');
    const fits = routes.filter((route) => {
      const { length } = route.segments;
      const isLongEnough = route.segments[length - 1] === '*' ? segments.length >= length : segments.length === length;
      return isLongEnough && route.segments.every((part, at) => part === segments[at] || /^[:*]/.test(part));
    });
    return [...new Set(fits.flatMap((route) => route.methods))].sort();
  }
}

async function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  if (endsConnection.has(problem.code)) reply.header('connection', 'close');
  if (problem.status === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', retryAfter);
  // A body that waits for 100 Continue never arrives: the next bytes may be another request.
  const asked = request.headers.expect === undefined || request.exchange?.admission?.isAsked === true;
  if (!asked) reply.header('connection', 'close');
  const drained = asked ? drain(request.raw) : undefined;
  if (isLastRequest(request.raw)) await drained;
  const document = inferencePath.test(request.url)
    ? inferenceDocument(problem, request.id)
    : toDocument(problem, request.id);
  // Serialized here, because a route's serializer handles only its own media types.
  return reply.code(document.status).type(problemType).serializer(JSON.stringify).send(document);
}

/** Paths of the Open Inference Protocol. */
const inferencePath = /^\/v2(?:[/?]|$)/;

/** Problems that are a 400 under the protocol: a tensor that does not match the model. */
const misfits: readonly ProblemCode[] = ['shape_mismatch', 'ragged_rows', 'rank_too_high', 'column_out_of_range'];

/** The protocol's clients need the member `error`, and cannot decode a response without it. */
function inferenceDocument(problem: Problem, id: string) {
  const document = toDocument(problem, id);
  const status = misfits.includes(problem.code) ? 400 : document.status;
  return { ...document, status, error: problem.message };
}

function toDocument(problem: Problem, id: string) {
  return { ...problemMembers(problem), instance: `urn:norma:request:${id}` };
}

/** A request refused before routing. */
export interface Unrouted {
  id: string;
  /** Absent if it is not valid HTTP. */
  method?: string;
  path?: string;
  status: number;
  address?: string;
}

/**
 * Handles errors before routing, such as a malformed URL.
 * @param onRefusal called for each, since no hook is
 */
export function answerFrameworkError(onRefusal: (refused: Unrouted) => void) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = toProblem(error);
    const { id, method, ip } = request;
    reply.headers(api).header('x-request-id', id);
    onRefusal({ id, method, path: pathOf(request.url), status: problem.status, address: plainAddress(ip) });
    void sendProblem(problem, request, reply);
  };
}

/**
 * Handles what never becomes a request: invalid HTTP, a header that is too large, a client that is too slow. The connection
 * ends with the answer, whether or not the client closes its side.
 * @param onRefusal called for each connection on which something arrived
 */
export function answerClientError(onRefusal: (refused: Unrouted) => void) {
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const problem =
      clientProblems.get(error.code ?? '') ?? new Problem('broken_body', 'The request is not valid HTTP.');
    const id = newRequestId();
    const body = JSON.stringify(toDocument(problem, id));
    const headers = Object.entries({
      'content-type': problemType,
      'content-length': Buffer.byteLength(body),
      connection: 'close',
      'x-request-id': id,
      ...api,
    });
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.end(`HTTP/1.1 ${problem.status} ${reasons[problem.status]}\r\n${lines}\r\n${body}`);
    setTimeout(() => socket.destroy(), lastReadMs);
    if (socket.bytesRead > 0)
      onRefusal({ id, status: problem.status, address: plainAddress(socket.remoteAddress ?? '') });
  };
}

/** Milliseconds a client has to read the answer before its connection is destroyed. */
const lastReadMs = 1000;

/** Node's reason phrases; importing node:http as a module would load all of fetch. */
const reasons: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

const clientProblems = new Map([
  ['HPE_HEADER_OVERFLOW', new Problem('header_too_large', 'The request header is too large (NORMA_HEADER_LIMIT).')],
  ['ERR_HTTP_REQUEST_TIMEOUT', new Problem('request_timeout', 'The request did not arrive in time.')],
]);

function toProblem(error: FastifyError): Problem {
  if (error instanceof Problem) return error;
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new Problem(
      'unsupported_media_type',
      `The Content-Type is none; served are ${listMediaTypes(readFormats.map((name) => formats[name]))}.`,
    );
  }
  const code = known[error.code];
  if (code) return new Problem(code, error.message);
  if (error.statusCode && error.statusCode >= 400 && error.statusCode < 500)
    return new Problem('invalid_request', error.message);
  return new Problem(
    'internal',
    'The service failed to process this request. The error is logged under the id in `instance`.',
  );
}

function pathOf(url: string): string {
  return url.split('?')[0];
}

/** A path for an error message. */
function named(url: string): string {
  return excerpt(pathOf(url));
}
