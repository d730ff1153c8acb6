/**
 * A self-signed certificate for `localhost` and 127.0.0.1, valid until 2126, for tests only: its key is public.
 * Clients that do not name it as their authority must refuse it; those that do must accept it.
 */
export const TEST_CERTIFICATE = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+oU/EJifNLqDxiqR
jZilrjN0eMqbdM6ZkfWQPXNdNLWhRANCAARzD3F9TzA3CMsqczHYACG0ADqr0ayw
Qpcbgz1Rh6j+bAK/BbHs7cvJYNV8DO9pUI1E/JW9p0ABmHwFSLJrfWo/
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIUQya5Lsgby/CG96isKesCT0pcC8cwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTIyMjUxM1oYDzIxMjYxMDI4
MjIyNTEzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARzD3F9TzA3CMsqczHYACG0ADqr0aywQpcbgz1Rh6j+bAK/BbHs7cvJ
YNV8DO9pUI1E/JW9p0ABmHwFSLJrfWo/o28wbTAdBgNVHQ4EFgQUc8uuYf5WJFvY
dJ0Bx2ynbpZ4BeQwHwYDVR0jBBgwFoAUc8uuYf5WJFvYdJ0Bx2ynbpZ4BeQwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhANgFncIPm/F2OJ/Hxn3DFFtjRiyeoa2jluoyRCbCjQa4AiEA
iYevuorK313dvzC50n4XXTxM8hSJ6aewIKyq8JC6T9c=
-----END CERTIFICATE-----`,
} as const;
