'use strict';
const { commandOf } = require('../lib/command.js');
const { statusOf } = require('../lib/status.js');

module.exports = function register(RED) {
  function LineOutNode(config) {
    RED.nodes.createNode(this, config);
    const node = this;
    const { line } = config;
    const lease = config.lease !== false;
    const gateway = RED.nodes.getNode(config.gateway);
    if (!gateway?.listen || !line) {
      node.status(statusOf(RED, 'closed'));
      return;
    }
    let phase = 'connecting';
    const show = () => node.status(statusOf(RED, phase, gateway.lineNow(line)?.value));
    const stop = gateway.listen({
      phase(now) {
        phase = now;
        show();
      },
      snapshot: show,
      event: (event) => event.line === line && show(),
    });
    node.on('input', async (msg, _send, done) => {
      try {
        const { method, params } = commandOf(line, msg.payload, lease);
        await gateway.call(method, params);
        done();
      } catch (error) {
        node.status({ fill: 'red', shape: 'dot', text: error.code ?? RED._('@gpio-gateway/node-red/gpio-gateway:status.bad-payload') });
        done(error);
      }
    });
    node.on('close', () => stop());
  }

  RED.nodes.registerType('gpio-gateway line out', LineOutNode);
};
