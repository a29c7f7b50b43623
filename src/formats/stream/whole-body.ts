/** A body that has arrived in one piece, to be read as it is or like any other. */
export interface WholeBody extends AsyncIterable<Uint8Array> {
  whole: Uint8Array<ArrayBuffer>;
}

export function createWholeBody(whole: Uint8Array<ArrayBuffer>): WholeBody {
  return {
    whole,
    async *[Symbol.asyncIterator]() {
      yield whole;
    },
  };
}

export function isWholeBody(body: AsyncIterable<Uint8Array>): body is WholeBody {
  return 'whole' in body;
}
