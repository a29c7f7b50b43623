import * as z from 'zod';
import { type Datatype, datatypes, textDatatype } from '#formats/oip/datatypes.ts';
import { InferenceInput, InferenceRequest } from '#formats/oip/request.ts';
import { problemResponse, ProblemDocument } from '#http/openapi/schemas.ts';

const datatype = z.enum([...(Object.keys(datatypes) as [Datatype]), textDatatype]);

const numbers = z.array(z.unknown()).optional().meta({
  description:
    'Row-major, as one flat list or as nested lists of the shape; absent where the tensor follows as bytes. NaN and infinities are accepted as Python writes them; in responses NaN is null.',
});

/** A request with its data, for the documentation. */
export const InferRequest = InferenceRequest.extend({
  inputs: z.array(InferenceInput.extend({ data: numbers })).min(1),
}).meta({ id: 'InferRequest', description: 'An inference request of the Open Inference Protocol.' });

export const inferExample = {
  id: '42',
  inputs: [{ name: 'input', shape: [2, 2], datatype: 'FP32', data: [3, 5, 6, 10] }],
  parameters: { operation: 'transform' },
};

export const InferResponse = z
  .object({
    model_name: z.string(),
    model_version: z.string(),
    id: z.string().optional(),
    parameters: z
      .object({ warnings: z.string().optional(), content_type: z.string().optional() })
      .optional()
      .meta({ description: 'What to know of the result, as the header Norma-Warnings has it.' }),
    outputs: z.array(
      z.object({
        name: z.string().meta({ description: 'The name of a column, or "output".' }),
        shape: z.array(z.int()),
        datatype,
        parameters: z.object({ binary_data_size: z.int().optional(), content_type: z.string().optional() }).optional(),
        data: numbers,
      }),
    ),
  })
  .meta({ id: 'InferResponse', description: 'An inference response of the Open Inference Protocol.' });

const dimensions = z.array(z.int()).meta({ description: '-1 for a variable dimension.' });

const Tensor = z.object({ name: z.string(), datatype, shape: dimensions });

export const ModelMetadata = z
  .object({
    name: z.string(),
    versions: z.array(z.string()),
    platform: z.string(),
    inputs: z.array(Tensor),
    outputs: z.array(Tensor),
  })
  .meta({ id: 'ModelMetadata', description: 'Inputs and outputs of a model.' });

const ConfigTensor = z.object({
  name: z.string(),
  data_type: z.string(),
  dims: dimensions,
  optional: z.boolean().optional(),
});

export const ModelConfig = z
  .looseObject({
    name: z.string(),
    platform: z.string(),
    backend: z.string(),
    max_batch_size: z.int(),
    input: z.array(ConfigTensor),
    output: z.array(ConfigTensor),
  })
  .meta({ id: 'ModelConfig', description: "Triton's ModelConfig; dims include the batch dimension." });

const InferenceProblem = ProblemDocument.extend({ error: z.string() }).meta({
  id: 'InferenceProblem',
  description: "A problem document with the message repeated in `error`, where the protocol's clients read it.",
});

/** The error responses of every call of the protocol. */
export function inferenceFailures(): Record<string, object> {
  return {
    '4XX': problemResponse('The request is wrong: what, and where', InferenceProblem),
    '5XX': problemResponse(
      'The service failed, is temporarily unavailable, or does not implement this',
      InferenceProblem,
    ),
  };
}
