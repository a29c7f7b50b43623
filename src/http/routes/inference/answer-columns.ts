import type { FastifyReply } from 'fastify';
import { problemAt } from '#errors.ts';
import { describeUnknown } from '#nearest-name.ts';
import { describeAnswer } from '#engine/answer-call.ts';
import { recorderFor } from '#engine/monitoring/counting.ts';
import type { Call } from '#engine/plan-call.ts';
import { runTableCall } from '#engine/run-call.ts';
import { columnSource } from '#formats/oip/columns/column-source.ts';
import { encodeColumnsTask } from '#formats/oip/columns/encode-columns.task.ts';
import { computedDtype, outputColumns } from '#formats/oip/columns/output-column.ts';
import type { InferenceBody } from '#formats/oip/request.ts';
import { frameColumns } from '#formats/oip/response.ts';
import type { RawRows } from '#formats/writer.ts';
import type { ServiceContext } from '#http/context.ts';
import type { CachedNormalizer } from '#http/normalizer-cache.ts';
import { bindData } from '#http/request/bind-data.ts';
import { tellWarnings, writeWarnings } from '#http/response/warnings-header.ts';
import { misfitWarnings } from '#normalizers/warnings/number-warnings.ts';
import { noteWarnings } from '#telemetry/note-warnings.ts';
import type { AnswerColumn } from '#tables/column-plan.ts';
import { compressIfAccepted } from './compress.ts';
import type { ReadColumns } from './read-request.ts';

/** Runs an inference on the columns of a table, and sends its response. */
export async function answerColumns(
  { version, fitted, recorder }: CachedNormalizer,
  { inference, request, columns: inputs, rows }: ReadColumns,
  reply: FastifyReply,
  { pool, limit, elementLimit }: ServiceContext,
): Promise<FastifyReply> {
  const { id, operation, outputDtype, binaryOutput } = inference;
  const asked: Call = { operation, fitted, statistics: false, include: ['data'] };
  const { missing_columns, extra_columns } = request.parameters ?? {};
  const read = {
    envelope: { missing_columns: missing_columns ?? undefined, extra_columns: extra_columns ?? undefined },
    table: columnSource(inputs, rows, pool),
    small: undefined,
    isColumnsInQuery: false,
    hasStatisticsAxis: false,
  };
  const { call, input } = await bindData(asked, read, 'oip_binary', { limit, elementLimit });
  const { table } = describeAnswer(call, input);
  const wanted = new Map(request.outputs?.map(({ name, parameters }) => [name, parameters?.binary_data ?? undefined]));
  const isBinary = (name: string) => wanted.get(name) ?? binaryOutput;
  const answered = selectOutputs(table?.answer?.columns ?? [], request.outputs);
  const columns = outputColumns(answered, inputs, { outputDtype, isBinary });
  const dtype = computedDtype(columns);
  const counted = operation === 'transform' && recorder ? recorderFor(recorder, call) : undefined;
  const pieces: RawRows[] = [];
  for await (const piece of runTableCall({ ...call, outputDtype: dtype, recorder: counted }, input, pool.run, limit)) {
    pieces.push(piece);
  }
  const { data, overflows } = await pool.run(encodeColumnsTask, {
    elements: pieces.map(({ elements }) => elements.buffer),
    dtype,
    width: table?.names.length ?? 0,
    carried: pieces.map(({ carried }) => carried),
    columns,
  });
  const { timeline } = reply.request;
  if (overflows > 0) {
    const more = misfitWarnings({ overflows, strays: 0 }, outputDtype ?? 'float32', false, []);
    noteWarnings([...(timeline.warnings ?? []), ...more]);
  }
  tellWarnings(reply);
  const members = {
    model_name: version.name,
    model_version: String(version.version),
    id,
    warnings: timeline.warnings?.length ? writeWarnings(timeline.warnings) : undefined,
    contentType: textOf(request.parameters?.content_type),
  };
  const { body, headerLength } = frameColumns(members, columns, data, rows);
  reply.type(headerLength === undefined ? 'application/json' : 'application/octet-stream');
  if (headerLength !== undefined) {
    reply.header('Inference-Header-Content-Length', headerLength);
    reply.header('content-length', body.length);
  }
  return reply.send(await compressIfAccepted(body, headerLength !== undefined, reply));
}

/** @throws Problem invalid_request for an output that there is none of */
function selectOutputs(answer: readonly AnswerColumn[], outputs: InferenceBody['outputs']): AnswerColumn[] {
  if (!outputs || outputs.length === 0) return [...answer];
  return outputs.map(({ name }, at) => {
    const found = answer.find((column) => column.name === name);
    if (found) return found;
    const names = answer.map((column) => column.name);
    throw problemAt('invalid_request', `/outputs/${at}/name`, describeUnknown('output', name, names));
  });
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
