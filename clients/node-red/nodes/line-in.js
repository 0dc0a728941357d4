'use strict';
const { statusOf } = require('../lib/status.js');

module.exports = function register(RED) {
  function LineInNode(config) {
    RED.nodes.createNode(this, config);
    const node = this;
    const { line } = config;
    const gateway = RED.nodes.getNode(config.gateway);
    if (!gateway?.listen || !line) {
      node.status(statusOf(RED, 'closed'));
      return;
    }
    let phase = 'connecting';
    const show = () => node.status(statusOf(RED, phase, gateway.lineNow(line)?.value));
    const sendRetained = (more) => {
      const state = gateway.lineNow(line);
      if (state) node.send({ topic: line, payload: state.value, retained: true, event: state, ...more });
    };
    const stop = gateway.listen({
      phase(now) {
        phase = now;
        show();
      },
      snapshot(lines) {
        if (!lines[line]) {
          node.error(`the gateway has no line "${line}"; its lines are: ${Object.keys(lines).join(', ')}`);
          node.status({ fill: 'red', shape: 'ring', text: RED._('@gpio-gateway/node-red/gpio-gateway:status.no-line') });
          return;
        }
        // The line's state is told in a message of its own, which no edge made.
        setImmediate(() => sendRetained());
        show();
      },
      event(event) {
        if (event.line !== line) return;
        node.send({ topic: line, payload: event.value, retained: false, event });
        show();
      },
      gap: (gap) => sendRetained({ lost: gap.lost }),
    });
    node.on('close', () => stop());
  }

  RED.nodes.registerType('gpio-gateway line in', LineInNode);
};
