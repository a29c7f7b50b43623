// Extends Swagger UI at /docs: shows plots and reports, and creates what an example refers to.
// A browser script that is served as it is, without a build.

/** The name of the stored normalizer, and the id of the fit in parts, that the examples take. */
const example = 'example';

/** A path that names the example normalizer, and perhaps a version of it. */
const storedPath = new RegExp(`/(?:normalizers|models)/${example}(?:/versions/(\\d+))?(?=/|$)`);

/** The path of an alias of the example normalizer. */
const aliasPath = new RegExp(`/normalizers/${example}/aliases/([^/]+)$`);

/** A path that names the example fit. */
const fitPath = new RegExp(`/fits/${example}(?=/|$)`);

/** Names that one page of the list has. */
const pageLength = 1000;

window.normaWorkbench = function normaWorkbench(system) {
  /** The newest version of the example normalizer; undefined where that is not known. */
  let newest;
  /** The example fit, where the page has begun one: its id, and whether it has parts and is committed. */
  let fit;
  let before = Promise.resolve();

  /** The first example of an operation's JSON body. */
  function bodyOf(path, method) {
    const examples = ['paths', path, method, 'requestBody', 'content', 'application/json', 'examples'];
    const [{ value }] = Object.values(system.specSelectors.specJson().getIn(examples).toJS());
    return JSON.stringify(value);
  }

  /** Sends a request of its own, to the same service and with the same key as the one that needs it. */
  async function send(like, method, path, body) {
    const { origin, pathname } = new URL(like.url, location.href);
    const prefix = pathname.slice(0, pathname.search(/\/v[12]\//));
    const authorization = like.headers?.Authorization;
    const headers = { ...(authorization && { authorization }), ...(body && { 'content-type': 'application/json' }) };
    const answer = await fetch(origin + prefix + path, { method, headers, body });
    return answer.ok ? answer.json() : {};
  }

  /** Asks by lists, which are never a 404: the page shall have nothing to complain of. */
  async function newestStored(like) {
    for (let cursor = ''; ; ) {
      const path = `/v1/normalizers?limit=${pageLength}${cursor && `&cursor=${cursor}`}`;
      const { normalizers = [], next_cursor: next } = await send(like, 'GET', path);
      const found = normalizers.find(({ name }) => name === example);
      if (found || !next) return found?.version;
      cursor = next;
    }
  }

  /** The version that is there, made where there is none: numbers of versions that were deleted do not come again. */
  async function storedVersion(like) {
    newest ??= await newestStored(like);
    if (newest === undefined) {
      const path = '/v1/normalizers/{name}/versions';
      newest = (await send(like, 'POST', path.replace('{name}', example), bodyOf(path, 'post'))).version;
    }
    return newest;
  }

  async function fitFor(like, takesParts) {
    if (!fit || (takesParts && fit.committed)) {
      const { id } = await send(like, 'POST', '/v1/fits', bodyOf('/v1/fits', 'post'));
      fit = { id, hasParts: takesParts, committed: false };
    }
    if (!fit.hasParts) {
      const path = '/v1/fits/{id}/parts/{part}';
      await send(like, 'PUT', path.replace('{id}', fit.id).replace('{part}', '0'), bodyOf(path, 'put'));
      fit.hasParts = true;
    }
    return fit.id;
  }

  /** Makes what an example names where it is not there yet, so that every example can be executed as it is. */
  async function prepare(request) {
    const { pathname } = new URL(request.url, location.href);
    const deletes = request.method === 'DELETE';
    const stored = storedPath.exec(pathname);
    const alias = aliasPath.exec(pathname);
    const stores = request.method === 'POST' && pathname.endsWith('/versions');
    if (stored && !stores) {
      const [path, named] = stored;
      const version = await storedVersion(request);
      if (named) request.url = request.url.replace(path, path.replace(/\d+$/, version));
    }
    if (stored && !alias && (stores || deletes)) newest = undefined;
    if (fitPath.test(pathname)) {
      const id = await fitFor(request, request.method === 'PUT');
      request.url = request.url.replace(`/fits/${example}`, `/fits/${id}`);
      if (deletes) fit = undefined;
      else if (pathname.endsWith('/commit')) fit.committed = true;
    }
    if (alias) {
      // The first version may have been deleted.
      const body = JSON.stringify({ version: newest });
      if (request.method === 'PUT') request.body = body;
      else await send(request, 'PUT', `/v1/normalizers/${example}/aliases/${alias[1]}`, body);
    }
    return request;
  }

  // One after another, so that two requests do not create the same example twice.
  window.normaWorkbench.beforeRequest = (request) => {
    before = before.catch(() => undefined).then(() => prepare(request));
    return before;
  };

  /** Shows a plot as the picture that it is, and a report as the page that it is, instead of their text. */
  function responseBody(Original) {
    return function WorkbenchResponseBody(props) {
      const { content, contentType = '' } = props;
      const h = system.React.createElement;
      const text = h(Original, props);
      const withText = (element) =>
        h('div', { className: 'norma-shown' }, element, h('details', null, h('summary', null, 'As text'), text));
      if (typeof content !== 'string') return text;
      if (contentType.startsWith('image/svg+xml')) {
        const src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(content)}`;
        return withText(h('img', { src, alt: 'The distributions', style: { maxWidth: '100%' } }));
      }
      if (contentType.startsWith('text/html')) {
        const style = { width: '100%', height: '70vh', border: 0 };
        return withText(h('iframe', { srcDoc: content, sandbox: '', title: 'The report', style }));
      }
      return text;
    };
  }

  // These plugins replace the standard ones.
  return [window.SwaggerUIBundle.plugins.DownloadUrl, { wrapComponents: { responseBody } }];
};
