/** Tables: columns by name in any order, whatever the form; what is missing, unknown, renamed, doubled or text. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { type Answer, type Service, startService } from '../../service.ts';
import { npyOf, readNpy } from '../../formats/arrays.ts';
import { type TableForm, tableForms, type TestTable } from './tables.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

const csv = { 'content-type': 'text/csv' };

const people: TestTable = {
  columns: [
    ['id', ['a1', 'a2', 'a3', 'a4']],
    ['age', [20, 30.5, 45, 61]],
    ['city', ['Oslo', 'Bern, "CH"', 'Zürich', null]],
    ['income', [1000, 3000.25, 2000, -5]],
    ['member', [true, false, true, true]],
  ],
};
const features = ['age', 'income', 'member'];

function pick({ columns }: TestTable, names: readonly string[]): TestTable {
  return { columns: names.map((name) => columns.find(([one]) => one === name) ?? assert.fail(name)) };
}

function valuesOf(table: TestTable, name: string): (number | null)[] {
  const [, values] = table.columns.find(([one]) => one === name) ?? assert.fail(name);
  return values.map((value) => (value === null ? null : Number(value)));
}

function send(form: TableForm, path: string, table: TestTable, headers: Record<string, string> = {}): Promise<Answer> {
  const accept: Record<string, string> = form.type === 'application/json' ? {} : { accept: form.type };
  return service.post(path, form.body(table), { 'content-type': form.type, ...accept, ...headers });
}

async function store(name: string, query: string, table = people, form = tableForms[0]): Promise<void> {
  const stored = await service.post(`/v1/normalizers/${name}/versions?${query}`, form.body(table), {
    'content-type': form.type,
  });
  assert.equal(stored.status, 201, JSON.stringify(stored.body));
}

describe('the same table', () => {
  test('gives the same document and the same bits in every form, as the npy file of its numbers does', async () => {
    const numbers = [0, 1, 2, 3].flatMap((row) => features.map((name) => valuesOf(people, name)[row] ?? NaN));
    const npy = npyOf(Float64Array.from(numbers), [4, 3]);
    for (const query of ['method=zscore', 'method=robust', 'method=norm', 'method=minmax&axis=null']) {
      const path = `/v1/normalize?${query}`;
      const array = await service.post(path, npy, {
        'content-type': 'application/x-npy',
        accept: 'application/x-npy',
      });
      const documents: unknown[] = [];
      for (const form of tableForms) {
        const answer = await send(form, path, people, { accept: 'application/x-npy' });
        assert.ok(readNpy(answer.body).data.equals(readNpy(array.body).data), `${query} as ${form.name}`);
        const fit = await send(form, `/v1/fit?${query}`, people, { accept: 'application/json' });
        documents.push(fit.body.fitted);
      }
      for (const document of documents) assert.deepEqual(document, documents[0]);
    }
  });
});

describe('columns in any order', () => {
  const names = people.columns.map(([name]) => name);
  const extra: TestTable['columns'][number] = ['note', ['x', 'y', 'z', 'w']];

  /** The columns shuffled, some carried ones dropped, perhaps a new one among them. */
  const served = fc
    .record({
      order: fc.shuffledSubarray(names, { minLength: names.length }),
      dropped: fc.subarray(['id', 'city']),
      hasExtra: fc.boolean(),
      form: fc.constantFrom(...tableForms),
    })
    .map(({ order, dropped, hasExtra, form }) => {
      const { columns } = pick(
        people,
        order.filter((name) => !dropped.includes(name)),
      );
      return { form, table: { columns: hasExtra ? [extra, ...columns] : columns } };
    });

  test('are normalized alike and come back in the order that came, with what is carried unchanged', async () => {
    await store('any-order', 'method=zscore');
    const { body } = await send(tableForms[1], '/v1/normalizers/any-order/transform', people);
    const expected = tableForms[1].read(body);
    await fc.assert(
      fc.asyncProperty(served, async ({ form, table }) => {
        const answer = await send(form, '/v1/normalizers/any-order/transform', table);
        assert.equal(answer.status, 200, JSON.stringify(answer.body));
        const found = form.read(answer.body);
        assert.deepEqual(
          Object.keys(found),
          table.columns.map(([name]) => name),
        );
        for (const [name, values] of table.columns) {
          assert.deepEqual(found[name], features.includes(name) ? expected[name] : values, `${form.name}: ${name}`);
        }
        const npy = await send(form, '/v1/normalizers/any-order/transform', table, { accept: 'application/x-npy' });
        const { data, shape } = readNpy(npy.body);
        assert.deepEqual(shape, [4, 3]);
        const flat = new Float64Array(Uint8Array.from(data).buffer);
        const byRow = [0, 1, 2, 3].flatMap((row) => features.map((name) => expected[name][row]));
        assert.deepEqual([...flat], byRow);
      }),
      { numRuns: 60 },
    );
  });

  test('with one renamed or left out are refused by name, in every form', async () => {
    await store('renamed', 'method=minmax');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...tableForms),
        fc.constantFrom(...features),
        fc.boolean(),
        async (form, name, isRenamed) => {
          const columns = people.columns.flatMap(([one, values]): TestTable['columns'] =>
            one !== name ? [[one, values]] : isRenamed ? [[`${one}s`, values]] : [],
          );
          const refused = await send(form, '/v1/normalizers/renamed/transform', { columns });
          assert.deepEqual([refused.status, refused.body.code], [422, 'missing_columns']);
          assert.ok(refused.body.detail.includes(`"${name}"`), refused.body.detail);
          if (isRenamed) assert.ok(refused.body.detail.includes(`"${name}s"`), refused.body.detail);
          const ignored = await send(form, '/v1/normalizers/renamed/transform?missing_columns=ignore', { columns });
          assert.equal(ignored.status, 200, JSON.stringify(ignored.body));
          const whole = await send(form, '/v1/normalizers/renamed/transform', people);
          for (const feature of features.filter((one) => one !== name)) {
            assert.deepEqual(form.read(ignored.body)[feature], form.read(whole.body)[feature]);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test('are taken back, whichever of them are there', async () => {
    await store('back', 'method=robust');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...tableForms),
        fc.shuffledSubarray(features, { minLength: 1 }),
        async (form, some) => {
          const transformed = await send(form, '/v1/normalizers/back/transform', people);
          const found = form.read(transformed.body);
          const table = { columns: some.map((name) => [name, found[name]] as TestTable['columns'][number]) };
          const back = await send(form, '/v1/normalizers/back/inverse-transform', table);
          assert.equal(back.status, 200, JSON.stringify(back.body));
          const columns = form.read(back.body);
          assert.deepEqual(Object.keys(columns), some);
          for (const name of some) {
            valuesOf(people, name).forEach((value, row) => {
              assert.ok(Math.abs(Number(columns[name][row]) - Number(value)) < 1e-12 * 3000, `${name} ${row}`);
            });
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('part of the columns', () => {
  test('is selected by name, and the others stay as they were written', async () => {
    const text = 'big,note,income,flag\n12345678901234567890,x,1,True\n0001.50,y,3,False\n';
    const answer = await service.post('/v1/normalize?method=minmax&columns=income', Buffer.from(text), {
      ...csv,
      accept: 'text/csv',
    });
    assert.equal(
      Buffer.from(answer.body).toString(),
      'big,note,income,flag\n12345678901234567890,x,0,True\n0001.50,y,1,False\n',
    );
  });

  test('has its names in the document, and its parameters in the order selected', async () => {
    const { body } = await service.post('/v1/fit?method=minmax&columns=income,age', tableForms[0].body(people), csv);
    assert.deepEqual(body.fitted.normalizer.columns, ['income', 'age']);
    assert.deepEqual(body.fitted.input, {
      dtype: 'float64',
      shape: [null, 3],
      columns: features,
      passed_through: ['id', 'city'],
    });
    assert.deepEqual(body.fitted.parameters.data_max, [3000.25, 61]);
  });

  test('of an array is taken back by the names beside it, in the body and in the query', async () => {
    await store('price', 'method=minmax');
    const path = '/v1/normalizers/price/inverse-transform';
    const named = await service.post(path, { data: [[0.5], [1]], columns: ['age'] });
    assert.deepEqual(named.body.data, [[40.5], [61]]);
    const inQuery = await service.post(`${path}?columns=income,age`, { data: [[1, 0]] });
    assert.deepEqual(inQuery.body.data, [[3000.25, 20]]);
    const unknown = await service.post(`${path}?columns=incom`, { data: [[1]] });
    assert.deepEqual([unknown.status, unknown.body.code], [422, 'unknown_columns']);
    assert.match(unknown.body.detail, /did you mean "income"/);
  });
});

describe('what is told', () => {
  test('names the columns of statistics, of warnings and of a value that is refused', async () => {
    const text = Buffer.from('a,b,t\n1,5,x\n1,7,y\n');
    const { body } = await service.post('/v1/fit?method=zscore', text, csv);
    assert.deepEqual(body.statistics.input.columns, ['a', 'b']);
    assert.deepEqual(body.statistics.input.mean, [1, 6]);
    const [passed, constant] = body.warnings;
    assert.deepEqual([passed.code, passed.columns], ['passed_through', ['t']]);
    assert.deepEqual([constant.code, constant.columns], ['constant_slices', ['a']]);
    const refused = await service.post('/v1/fit?method=zscore', Buffer.from('a,b\n1,\n'), csv);
    assert.match(refused.body.detail, /\[0, "b"\] is NaN/);
    const inRecords = await service.post('/v1/fit?method=zscore', { data: [{ a: 1, 'b/c': null }] });
    assert.equal(inRecords.body.errors[0].pointer, '/data/0/b~1c');
  });

  test('an array for a table, and a table for an array, go by position with a warning', async () => {
    await store('named', 'method=minmax');
    const array = await service.post('/v1/normalizers/named/transform', { data: [[61, -5, 0]] });
    assert.deepEqual(array.body.data, [[1, 0, 0]]);
    assert.equal(array.body.warnings[0].code, 'names_not_checked');
    const unnamed = {
      normalizer: { method: 'minmax' },
      data: [
        [0, 10],
        [10, 20],
      ],
    };
    assert.equal((await service.post('/v1/normalizers/unnamed/versions', unnamed)).status, 201);
    const table = await service.post('/v1/normalizers/unnamed/transform', { data: [{ x: 5, t: 'a', y: 10 }] });
    assert.deepEqual(table.body.data, [{ x: 0.5, t: 'a', y: 0 }]);
    assert.ok(table.body.warnings.some(({ code }: { code: string }) => code === 'names_not_checked'));
  });

  test('columns that are new pass, are dropped, or are refused', async () => {
    await store('extra', 'method=minmax');
    const data = [{ income: -5, note: 'n', age: 20, member: true }];
    const path = '/v1/normalizers/extra/transform';
    const passed = await service.post(path, { data });
    assert.deepEqual(passed.body.data, [{ income: 0, note: 'n', age: 0, member: 1 }]);
    const codes = passed.body.warnings.map(({ code }: { code: string }) => code);
    assert.ok(codes.includes('unknown_columns'));
    const dropped = await service.post(path, { data, extra_columns: 'drop' });
    assert.deepEqual(dropped.body.data, [{ income: 0, age: 0, member: 1 }]);
    const refused = await service.post(path, { data, extra_columns: 'error' });
    assert.deepEqual([refused.status, refused.body.code], [422, 'unknown_columns']);
  });

  test('a column of numbers that now holds text, and two columns of one name, are refused', async () => {
    await store('retyped', 'method=minmax');
    const text = await service.post('/v1/normalizers/retyped/transform', {
      data: [{ age: 'old', income: 1, member: true }],
    });
    assert.deepEqual([text.status, text.body.code], [422, 'not_numeric']);
    assert.match(text.body.detail, /"age".*row 0 is "old"/);
    const twice = await service.post('/v1/fit?method=minmax', Buffer.from('a,a\n1,2\n'), csv);
    assert.deepEqual([twice.status, twice.body.code], [422, 'duplicate_columns']);
  });
});

describe('fits in parts and merges', () => {
  test('go by name, whatever the order of each part', async () => {
    const begun = await service.post('/v1/fits', { normalizer: { method: 'zscore' } });
    const url = `/v1/fits/${begun.body.id}`;
    const parts = ['a,b,t\n1,5,x\n2,9,y\n', 't,b,a\nz,7,3\nw,12,8\n'];
    for (const [at, part] of parts.entries()) {
      const put = await service.send('PUT', `${url}/parts/${at}`, Buffer.from(part), csv);
      assert.equal(put.status, 200, JSON.stringify(put.body));
    }
    const other = await service.send('PUT', `${url}/parts/2`, Buffer.from('a,c\n1,2\n'), csv);
    assert.deepEqual([other.status, other.body.code], [422, 'shape_mismatch']);
    const committed = await service.post(`${url}/commit`, {});
    const whole = await service.post('/v1/fit?method=zscore', Buffer.from('a,b,t\n1,5,x\n2,9,y\n3,7,z\n8,12,w\n'), csv);
    assert.deepEqual(committed.body.fitted.input, whole.body.fitted.input);
    for (const name of ['mean', 'scale']) {
      const [found, expected] = [committed, whole].map(({ body }) => body.fitted.parameters[name]);
      found.forEach((value: number, at: number) => assert.ok(Math.abs(value - expected[at]) < 1e-12 * expected[at]));
    }
  });

  test('of other columns are refused by name', async () => {
    const fits = await Promise.all(
      ['a,b\n1,2\n3,4\n', 'a,c\n1,2\n3,4\n'].map((text) =>
        service.post('/v1/fit?method=minmax', Buffer.from(text), csv),
      ),
    );
    const merged = await service.post('/v1/merge', { fitted: fits.map(({ body }) => body.fitted) });
    assert.deepEqual([merged.status, merged.body.code], [422, 'not_mergeable']);
    assert.match(merged.body.detail, /lacks the column "b"/);
  });
});

test('Weights may be a column, which then is no feature', async () => {
  const rows = { a: [1, 2, 4], w: [1, 0.5, 2] };
  const expected = await service.post('/v1/fit', {
    normalizer: { method: 'zscore' },
    data: rows.a.map((value) => [value]),
    sample_weight: rows.w,
  });
  for (const form of tableForms) {
    const table: TestTable = {
      columns: [
        ['w', rows.w],
        ['t', ['x', 'y', 'z']],
        ['a', rows.a],
      ],
    };
    const fit = await send(form, '/v1/fit?method=zscore&sample_weight=w', table, { accept: 'application/json' });
    assert.equal(fit.status, 200, JSON.stringify(fit.body));
    assert.deepEqual(fit.body.fitted.parameters, expected.body.fitted.parameters, form.name);
    assert.deepEqual(fit.body.fitted.input.columns, ['a']);
  }
});

test("scikit-learn's feature_names_in_ goes out and comes in", async () => {
  await store('sklearn', 'method=zscore');
  const { body } = await service.send('GET', '/v1/normalizers/sklearn/export?format=sklearn');
  assert.deepEqual(body.attributes.feature_names_in_, features);
  assert.match(body.snippet, /feature_names_in_ = np\.array\(\["age", "income", "member"\], dtype=object\)/);
  const back = await service.post('/v1/normalizers/sklearn/versions', body);
  assert.deepEqual(back.body.fitted.input.columns, features);
});
