'use strict';
const { PositionFile } = require('../lib/position_file.js');

module.exports = function register(RED) {
  function GatewayNode(config) {
    RED.nodes.createNode(this, config);
    const node = this;
    const url = config.url;
    const listeners = new Set();
    const folder = RED.settings.userDir ?? process.cwd();
    let gateway = null;
    let opening = Promise.resolve();
    let closed = false;
    let snapshotSeen = false;

    const tell = (what, ...args) => {
      for (const listener of listeners) listener[what]?.(...args);
    };
    const positionNow = () => gateway?.position && { url, ...gateway.position };
    const file = new PositionFile(folder, node.id, positionNow);
    // A full disk must not end the flow; the next start resumes from an older event.
    const save = () => {
      try {
        file.save();
      } catch (error) {
        node.warn(`position not kept: ${error.message}`);
      }
    };

    async function readEvents() {
      for await (const item of gateway.events()) {
        if (item.lost === undefined) tell('event', item);
        else tell('gap', item);
        file.noteChange();
      }
    }

    async function open() {
      const { Gateway } = await import('@gpio-gateway/client');
      if (closed) return;
      gateway = new Gateway(url, {
        token: node.credentials?.token,
        since: file.load(url),
        onPhase(phase, error) {
          if (phase === 'refused') node.error(error.message);
          tell('phase', phase);
        },
        onSnapshot(lines) {
          if (!snapshotSeen) tell('snapshot', lines);
          snapshotSeen = true;
          file.noteChange();
        },
      });
      readEvents().catch(() => {}); // A refusal ends it, and is told by onPhase.
      await gateway.start();
    }

    /** Hears of phases, lines and events until the returned function is called. */
    node.listen = (listener) => {
      listeners.add(listener);
      listener.phase?.(gateway?.phase ?? 'connecting');
      if (snapshotSeen) listener.snapshot?.(gateway.lines);
      return () => listeners.delete(listener);
    };
    node.lineNow = (name) => gateway?.lines[name];
    // A command of the flow's first moment waits like one during a lost connection.
    node.call = async (method, params) => {
      await opening;
      if (!gateway) throw new Error('the gateway is not configured');
      return gateway.call(method, params);
    };
    node.on('close', (done) => {
      closed = true;
      save();
      gateway?.close();
      done();
    });

    if (!url) {
      node.error('the address of the gateway is missing');
      return;
    }
    opening = open().catch((error) => {
      node.error(error.message);
      tell('phase', 'refused');
    });
  }

  RED.nodes.registerType('gpio-gateway', GatewayNode, { credentials: { token: { type: 'password' } } });
};
