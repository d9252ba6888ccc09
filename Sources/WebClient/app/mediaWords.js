// The words of devices, of the screen that is shown in a call, and of how good a connection is, in every language.

export const mediaWords = {
  en: {
    'devices': 'Camera and microphone',
    'devices.audio': 'Microphone',
    'devices.video': 'Camera',
    'devices.speaker': 'Speaker',
    'devices.usualSpeaker': 'Usual speaker',
    'devices.height': 'Picture, at most',
    'devices.rate': 'Frame rate, at most',
    'devices.echo': 'Cancel echo',
    'devices.noise': 'Suppress noise',
    'devices.gain': 'Even out the volume',
    'devices.switch': 'Switch camera',

    'call.addVideo': 'Turn camera on',
    'call.shareScreen': 'Share the screen',
    'call.stopScreen': 'Stop sharing the screen',
    'call.theirScreen': 'Shows a screen',
    'call.announceVideo': 'The call with {name} has pictures now.',
    'call.announceTheirScreen': '{name} shows a screen.',
    'call.announceTheirScreenOff': '{name} no longer shows a screen.',
    'call.pictureInPicture': 'Small window',

    'quality.1': 'Poor connection',
    'quality.2': 'Fair connection',
    'quality.3': 'Good connection',
  },

  zh: {
    'devices': '摄像头与麦克风',
    'devices.audio': '麦克风',
    'devices.video': '摄像头',
    'devices.speaker': '扬声器',
    'devices.usualSpeaker': '默认扬声器',
    'devices.height': '画面上限',
    'devices.rate': '帧率上限',
    'devices.echo': '消除回声',
    'devices.noise': '抑制噪音',
    'devices.gain': '自动调节音量',
    'devices.switch': '切换摄像头',

    'call.addVideo': '打开摄像头',
    'call.shareScreen': '共享屏幕',
    'call.stopScreen': '停止共享屏幕',
    'call.theirScreen': '正在共享屏幕',
    'call.announceVideo': '与 {name} 的通话已转为视频通话。',
    'call.announceTheirScreen': '{name} 正在共享屏幕。',
    'call.announceTheirScreenOff': '{name} 已停止共享屏幕。',
    'call.pictureInPicture': '小窗播放',

    'quality.1': '连接较差',
    'quality.2': '连接一般',
    'quality.3': '连接良好',
  },
};
