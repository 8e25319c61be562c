import ts from 'typescript';
import type { Area } from './areas.ts';

/** One change of a source text, as fixed rules make it. */
interface Mutation {
  readonly operator: string;
  readonly start: number;
  readonly end: number;
  /** What stands there instead. */
  readonly text: string;
}

/** The operator, the node that it replaces, and by what. */
type Edit = readonly [operator: string, node: ts.Node, text: string];

/** What stands for what, each with its operator. */
const SWAPS: ReadonlyMap<string, readonly [operator: string, other: string]> = new Map([
  ...pairs('boundary', '< <=', '> >='),
  ...pairs('logic', '&& ||'),
  ...pairs('equality', '=== !=='),
  ...pairs('arithmetic', '+ -', '* /'),
  ...pairs('quantifier', 'some every'),
  ...pairs('extreme', 'min max'),
  // The other way round nothing changes where one is looked for that there is once.
  ['findLast', ['search', 'find']],
]);
/** A number below it counts something; a larger one is a measure, of which one more is no other choice, and twice as much is. */
const COUNTS_BELOW = 10;
/** Methods of arrays without which the same elements, or more of them, are there. */
const DROPPED = ['filter', 'slice', 'sort', 'toSorted', 'reverse', 'toReversed'];

/** What a source is for, besides what it decides: the words that it shows, or the bodies that it sends. */
export type Kinds = Pick<Area, 'hasWords' | 'hasBodies'>;

/**
 * Every change that the operators make of a source text, in its order. Types, imports and the next steps of errors are left
 * alone; texts are emptied, and parts left out, only where they are what the source is for.
 */
export function mutationsOf(source: ts.SourceFile, { hasWords, hasBodies }: Kinds = {}): readonly Mutation[] {
  const mutations: Mutation[] = [];
  const visit = (node: ts.Node): void => {
    if (isLeftAlone(node)) return;
    const edits = [
      ...editsOf(node, source),
      ...(hasWords === true ? emptied(node) : []),
      ...(hasBodies === true ? leftOut(node) : []),
    ];
    for (const [operator, replaced, text] of edits)
      mutations.push({ operator, start: replaced.getStart(source), end: replaced.end, text });
    if (!isOrderOfKeys(node)) ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return mutations;
}

function isLeftAlone(node: ts.Node): boolean {
  return (
    ts.isTypeNode(node) ||
    ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name) && node.name.text === 'hint')
  );
}

/** `sort((a, b) => (a < b ? -1 : 1))`: what equal keys give, and how far from 0 it is, makes no other order of different ones. */
function isOrderOfKeys(node: ts.Node): boolean {
  if (!ts.isConditionalExpression(node)) return false;
  const body = ts.isParenthesizedExpression(node.parent) ? node.parent : node;
  const sort = body.parent.parent;
  return (
    ts.isArrowFunction(body.parent) &&
    ts.isCallExpression(sort) &&
    ts.isPropertyAccessExpression(sort.expression) &&
    ['sort', 'toSorted'].includes(sort.expression.name.text) &&
    [node.whenTrue, node.whenFalse].every((sign) => ['-1', '1'].includes(sign.getText()))
  );
}

function editsOf(node: ts.Node, source: ts.SourceFile): readonly Edit[] {
  const text = (part: ts.Node): string => part.getText(source);
  const condition = conditionOf(node);
  if (condition !== undefined)
    return [
      ['condition', condition, `!(${text(condition)})`],
      ['constant', condition, 'true'],
      ['constant', condition, 'false'],
    ];
  if (ts.isNumericLiteral(node)) {
    const number = Number(node.text);
    return [['number', node, String(number < COUNTS_BELOW ? number + 1 : 2 * number)]];
  }
  if (isDispensable(node)) return [['statement', node, '{}']];
  if (ts.isPropertyAccessChain(node) && node.questionDotToken !== undefined)
    return [['optional', node.questionDotToken, '!.'], ...swapped(node.name, node.name.text)];
  if (ts.isPropertyAccessExpression(node)) return swapped(node.name, node.name.text);
  if (ts.isBinaryExpression(node)) {
    const { left, operatorToken, right } = node;
    if (operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken)
      return [left, right].map((side) => ['fallback', node, `(${text(side)})`]);
    return swapped(operatorToken, text(operatorToken));
  }
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression))
    return DROPPED.includes(node.expression.name.text)
      ? [['dropped', node, text(node.expression.expression)]]
      : [];
  return [];
}

function swapped(node: ts.Node, text: string): readonly Edit[] {
  const [operator, other] = SWAPS.get(text) ?? [];
  return operator === undefined || other === undefined ? [] : [[operator, node, other]];
}

function pairs(operator: string, ...texts: readonly string[]) {
  return texts.flatMap((text) => {
    const [one = '', other = ''] = text.split(' ');
    return [[one, [operator, other]] as const, [other, [operator, one]] as const];
  });
}

function conditionOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isConditionalExpression(node) || ts.isForStatement(node)) return node.condition;
  return ts.isIfStatement(node) || ts.isWhileStatement(node) ? node.expression : undefined;
}

/** A call or an assignment for its effect, and a return that comes before others. */
function isDispensable(node: ts.Node): boolean {
  if (ts.isReturnStatement(node))
    return ts.isIfStatement(node.parent) || (ts.isBlock(node.parent) && ts.isIfStatement(node.parent.parent));
  if (!ts.isExpressionStatement(node)) return false;
  const effect = ts.isAwaitExpression(node.expression) ? node.expression.expression : node.expression;
  return (
    ts.isCallExpression(effect) ||
    ts.isDeleteExpression(effect) ||
    ts.isPostfixUnaryExpression(effect) ||
    (ts.isBinaryExpression(effect) && isAssignment(effect.operatorToken.kind))
  );
}

const isAssignment = (kind: ts.SyntaxKind): boolean =>
  kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;

/** Parts of what a function makes: a constant of the module is no body. */
function leftOut(node: ts.Node): readonly Edit[] {
  if (ts.findAncestor(node, ts.isFunctionLike) === undefined) return [];
  if (ts.isObjectLiteralExpression(node)) return node.properties.map((part) => ['part', part, '...{}']);
  return ts.isArrayLiteralExpression(node) ? node.elements.map((part) => ['part', part, '...[]']) : [];
}

/** Texts that are shown: no names, no keys, and nothing that something is compared with. */
function emptied(node: ts.Node): readonly Edit[] {
  const isText = ts.isStringLiteralLike(node) ? node.text !== '' : ts.isTemplateExpression(node);
  const { parent } = node;
  const isName =
    ts.isElementAccessExpression(parent) ||
    ts.isCaseClause(parent) ||
    (ts.isBinaryExpression(parent) && ['===', '!==', 'in'].includes(parent.operatorToken.getText())) ||
    (ts.isPropertyAssignment(parent) && parent.name === node);
  return isText && !isName ? [['text', node, "''"]] : [];
}
