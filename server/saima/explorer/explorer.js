// The explorer of the API: asks /graphql of this site and nothing else. Puts text into the page as text
// only, never as HTML.
'use strict';

const at = (id) => document.getElementById(id);
const csrf = document.querySelector('meta[name="saima-csrf"]').content;

let examples = [];

const INTROSPECTION = `{ __schema { queryType { name } mutationType { name } types {
  kind name description
  fields(includeDeprecated: true) { name description args { name description type { ...T } } type { ...T } }
  inputFields { name description type { ...T } }
  enumValues(includeDeprecated: true) { name description }
} } }
fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }`;

async function ask(query, variables) {
  const headers = {
    'Content-Type': 'application/json',
    'Accept': 'application/graphql-response+json, application/json;q=0.9',
    'X-Saima-Csrf': csrf,
  };
  const token = at('token').value.trim();
  if (token) headers['Authorization'] = 'Bearer ' + token;
  const answer = await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  return { status: answer.status, body: await answer.text() };
}

async function run() {
  let variables = null;
  const typed = at('variables').value.trim();
  try {
    variables = typed ? JSON.parse(typed) : null;
  } catch (error) {
    at('status').value = 'The variables are not JSON: ' + error.message;
    return;
  }
  at('status').value = 'Running…';
  try {
    const started = performance.now();
    const { status, body } = await ask(at('query').value, variables);
    at('status').value = status + ', ' + Math.round(performance.now() - started) + ' ms';
    at('answer').textContent = pretty(body);
  } catch (error) {
    at('status').value = 'No answer: ' + error.message;
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function spell(type) {
  if (type.kind === 'NON_NULL') return spell(type.ofType) + '!';
  if (type.kind === 'LIST') return '[' + spell(type.ofType) + ']';
  return type.name;
}

function make(tag, text, children) {
  const node = document.createElement(tag);
  if (text) node.textContent = text;
  node.append(...(children || []));
  return node;
}

function signature(field) {
  const args = (field.args || []).map((arg) => arg.name + ': ' + spell(arg.type)).join(', ');
  return field.name + (args ? '(' + args + ')' : '') + (field.type ? ': ' + spell(field.type) : '');
}

function describe(type) {
  const members = type.fields || type.inputFields || type.enumValues || [];
  const list = make('dl', '', members.flatMap((member) => [
    make('dt', '', [make('code', signature(member))]),
    make('dd', member.description || ''),
    ...(member.args || []).map((arg) => make('dd', arg.name + ' – ' + (arg.description || ''))),
  ]));
  const about = make('p', type.description || '');
  const kind = type.kind.toLowerCase().replace('_', ' ');
  const node = make('details', '', [make('summary', type.name + ' (' + kind + ')'), about, list]);
  node.dataset.words = (type.name + ' ' + members.map((member) => member.name).join(' ')).toLowerCase();
  return node;
}

async function learn() {
  const { body } = await ask(INTROSPECTION, null);
  const { data, errors } = JSON.parse(body);
  if (!data) {
    at('docs').textContent = errors[0].message;
    return;
  }
  const first = [data.__schema.queryType.name, data.__schema.mutationType && data.__schema.mutationType.name];
  const rank = (type) => (first.includes(type.name) ? first.indexOf(type.name) : first.length);
  const types = data.__schema.types.filter((type) => !type.name.startsWith('__'));
  types.sort((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name));
  at('docs').replaceChildren(...types.map(describe));
}

function find() {
  const wanted = at('find').value.trim().toLowerCase();
  for (const node of at('docs').children) node.hidden = !node.dataset.words.includes(wanted);
}

function show() {
  const { query, variables } = examples[at('example').value];
  at('query').value = query;
  at('variables').value = variables ? JSON.stringify(variables, null, 2) : '';
}

async function teach() {
  examples = await (await fetch('/graphql/examples.json')).json();
  examples.forEach(({ name }, index) => at('example').append(new Option(name, index)));
  show();
}

at('example').addEventListener('change', show);
at('run').addEventListener('click', run);
at('find').addEventListener('input', find);
document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') run();
});
teach().catch((error) => { at('status').value = 'The examples could not be read: ' + error.message; });
learn().catch((error) => { at('docs').textContent = 'The schema could not be read: ' + error.message; });
