import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { problemAt } from '#errors.ts';
import type { IdempotencyRecord } from '#store/idempotent-answers.ts';
import { type Summary, summarize } from '#lineage/summary.ts';
import { writeFittedTask } from '#formats/json/fitted/fitted-document.task.ts';
import { fitDocument } from '#engine/fits/fit-document.ts';
import type { StoreContext } from '#http/context.ts';
import { importedMember, importMembers, readImported } from './import-fitted.ts';
import { dataSchema } from '#http/openapi/data-call-schema.ts';
import { fitExample } from '#http/openapi/request-examples.ts';
import type { Body } from '#formats/reader.ts';
import { createIdempotently } from '#http/response/idempotency.ts';
import { chooseFormat } from '#http/headers/accept.ts';
import { bindData } from '#http/request/bind-data.ts';
import { checkRequest, fitMembers, readRequest, buildCall, type RequestBody } from '#http/request/read-call.ts';
import { fitted, Statistics, TensorDocument, Warning } from '#http/openapi/schemas.ts';
import { checkName, nameParams } from './params.ts';
import { type Storing, splitStoring, storingMembers } from '#http/versions/storing.ts';
import { previewMembers, storedVersionAnswer } from '#http/versions/stored-version.ts';
import { type StoredVersion, storeVersion } from '#http/versions/store-version.ts';

/** Members of a request with a normalizer and data, or with a fitted normalizer. */
const members = fitMembers.extend({
  normalizer: fitMembers.shape.normalizer.optional(),
  data: TensorDocument.optional(),
  ...importMembers,
  ...storingMembers,
});

const answer = z.object({
  name: z.string(),
  version: z.int(),
  created_at: z.string(),
  fitted: fitted.optional(),
  statistics: z.object({ input: Statistics }).optional(),
  warnings: z.array(Warning).optional(),
  ...previewMembers,
});

/** What to store, and the rest of the response. */
interface ToStore {
  method: string;
  document: Uint8Array;
  summary: Summary;
  /** Members of the response as JSON text without braces. */
  rest: string;
  returnsFitted: boolean;
}

/** Stores a normalizer as the next version of a name. */
export function addVersionRoute(app: FastifyInstance, resources: StoreContext): void {
  const { store, pool, limit, answerLifetime } = resources;

  async function fit(body: RequestBody, { profile = true }: Storing, cancelled: AbortSignal): Promise<ToStore> {
    const brings = importedMember(body.envelope);
    if (brings)
      throw problemAt('invalid_request', `/${brings}`, 'What is fitted is stored as it is: it comes without data.');
    const read = await checkRequest(body, fitMembers, resources);
    const { envelope } = read;
    const asked = { ...buildCall('fit', envelope, 'json'), profile };
    const { call, input } = await bindData(asked, read, 'json', resources);
    const { fitted, document, rest } = await fitDocument(call, input, pool.withSignal(cancelled).run, limit);
    const returnsFitted = call.include.includes('fitted');
    const { method } = envelope.normalizer;
    return { method, document, summary: summarize(fitted), rest, returnsFitted };
  }

  async function take(body: Body): Promise<ToStore> {
    const given = readImported(body);
    const document = await pool.run(writeFittedTask, given);
    return { method: given.normalizer.method, document, summary: summarize(given), rest: '', returnsFitted: true };
  }

  async function prepare(request: FastifyRequest) {
    const name = checkName((request.params as { name: string }).name);
    chooseFormat(request, ['json']);
    const { storing, body } = splitStoring(await readRequest(request, resources), {});
    const toStore = await (body.input || body.table ? fit(body, storing, request.cancelled) : take(body));
    const { document, rest, returnsFitted } = toStore;
    const version = { name, ...toStore };
    return {
      create: (once?: IdempotencyRecord<StoredVersion>) =>
        storeVersion(request, resources, version, storing, { once, action: 'store_version' }),
      answer: (made: StoredVersion) => storedVersionAnswer(made, returnsFitted ? document : undefined, rest),
    };
  }

  const description =
    'Fits a normalizer to data, in any format that /v1/fit accepts, and stores it as the next version of the name; or stores one that is already fitted, here or by scikit-learn, keras or torchvision. A version that takes other data than the one before (another method, columns or shape) is a 409 unless breaking is true; dry_run shows what would be stored. With an Idempotency-Key, a retry gets the same response and stores nothing.';
  app.post('/v1/normalizers/:name/versions', {
    config: { access: 'write' },
    schema: {
      tags: ['normalizers'],
      summary: 'Store a normalizer as a new version',
      operationId: 'store',
      description,
      params: nameParams,
      ...dataSchema({ members, answers: ['json'], answer, example: fitExample }, 201),
    },
    handler: createIdempotently(store.answers, answerLifetime, prepare),
  });
}
