// @ts-check
/** @type {Record<string, string>} */
export default {
  'console.command': 'Command',
  'console.send': 'Send',
  'console.log': 'What was sent and what came back',
  'console.copy': 'Copy this command for',
  'console.traffic': 'Show everything that goes through the WebSocket',
  'console.out': 'sent',
  'console.in': 'received',
  'console.error': 'error',
  'console.help': 'What can I type?',
  'console.help.words': 'Words:',
  'console.help.rpc': 'A method with its parameters, or a whole JSON-RPC message:',

  'syntax.empty': 'Type a command first, for example: {example}',
  'syntax.json': 'This is not JSON yet: {why}',
  'syntax.method': 'A JSON-RPC message needs a “method”.',
  'syntax.verb': '“{verb}” is not a command. Open “What can I type?” below.',
  'syntax.usage': 'It goes like this: {usage}',
  'syntax.none': 'The gateway has no such method. Type: methods',
};
