import './pusher-js-resume.js';

export const { resume } = globalThis.PusherResume;
export default resume;
