/**
 * OKX: answers of its API and websocket messages, as documents: trades, funding history, marks, index
 * prices, liquidation orders. Its own archives of files have no fixed public form that is known here.
 *
 * Source: okx.com/docs-v5.
 */
import type { Vendor } from '../layout.ts';
import { messagesOf } from './messages.ts';

export const okx: Vendor = {
  name: 'okx',
  about: 'API answers and websocket messages: trades, funding history, marks, index prices, liquidations',
  options: {},
  layoutsOf: (file, options) => messagesOf(file, options, 'okx'),
};
