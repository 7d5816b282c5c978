// What is wrong with the org, by the cause that it makes, and the flows of a client that fail of it.

/** `setup`: of the org file. `registered: false`: the callback URL of the client does not stand on the app. */
export const FAULTS = {
  jwt_user_not_self_approved: { flows: ['jwt'], setup: { app: { 'permitted users': 'all users may self-authorize' } } },
  user_not_preauthorized: { flows: ['jwt', 'web'], setup: { users: { ana: { permissionSets: [] } } } },
  profile_ip_jwt_always: { flows: ['jwt'], setup: { app: { 'IP relaxation': 'relax for both' }, users: { ana: { loginIpRanges: ['203.0.113.0-203.0.113.15'] } } } },
  refresh_policy_zero: { flows: ['refresh'], setup: { app: { 'refresh token': 'immediately expire' } } },
  refresh_rotation_reuse: { flows: ['reuse'], setup: { app: { isRefreshTokenRotationEnabled: true } } },
  cc_run_as_missing: { flows: ['cc'], setup: { app: { clientCredentialsFlowUser: null } } },
  scope_api_missing: { flows: ['jwt', 'cc'], setup: { app: { commaSeparatedOauthScopes: ['OpenID', 'RefreshToken'] } } },
  callback_mismatch: { flows: ['web'], setup: {}, registered: false },
  eca_disabled: { flows: ['jwt', 'web', 'cc'], setup: { app: { isEnabled: false } } },
  jwt_certificate_mismatch: { flows: ['jwt'], setup: { app: { certificate: 'other' } } },
};
