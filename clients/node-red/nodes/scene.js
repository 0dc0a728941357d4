'use strict';
const { statusOf } = require('../lib/status.js');

module.exports = function register(RED) {
  function SceneNode(config) {
    RED.nodes.createNode(this, config);
    const node = this;
    const gateway = RED.nodes.getNode(config.gateway);
    if (!gateway?.listen) {
      node.status(statusOf(RED, 'closed'));
      return;
    }
    let phase = 'connecting';
    const stop = gateway.listen({
      phase(now) {
        phase = now;
        node.status(statusOf(RED, phase));
      },
    });
    node.on('input', async (msg, _send, done) => {
      // The configured scene, or else the one that the message names.
      const scene = config.scene || msg.payload;
      try {
        if (typeof scene !== 'string' || !scene) throw new Error('no scene is configured, and msg.payload names none');
        await gateway.call('scene.apply', { scene });
        node.status({ ...statusOf(RED, phase), text: scene });
        done();
      } catch (error) {
        node.status({ fill: 'red', shape: 'dot', text: error.code ?? 'error' });
        done(error);
      }
    });
    node.on('close', () => stop());
  }

  RED.nodes.registerType('gpio-gateway scene', SceneNode);
};
